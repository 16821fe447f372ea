import type { ConnectOptions, CreateOptions, Hearth } from "./api.ts";
import type { Environment } from "./environment.ts";
import { openLobby } from "./lobby.ts";
import { EnteredRoom, type Entry } from "./room.ts";
import { Session } from "./session.ts";
import type { Address } from "./socket.ts";

/** A client of the server at `url`, in an environment that a test can make up. */
export async function openHearth(
  env: Environment,
  options: ConnectOptions & { readonly url: string },
): Promise<Hearth> {
  const { name, rtc = {} } = options;
  const token = await tokenSource(env, options);
  const address: Address = {
    url: new URL("/ws", options.url).href.replace(/^http/, "ws"),
    protocols: async (refused) => token ? [`hearth.token.${await token(refused)}`] : [],
  };
  const enter = (
    { id, ...message }: CreateOptions & Pick<Entry["enter"], "type" | "room" | "create">,
  ) => EnteredRoom.enter({ env, address, enter: { ...message, from: id, name }, rtc });
  return {
    createRoom: (room = {}) => enter({ type: "create", ...room }),
    join: (code, { create = false, ...room } = {}) =>
      enter({ type: "join", ...room, ...{ room: code, create } }),
    rooms: () =>
      new Promise((resolve, reject) => {
        const close = openLobby(env, address, "list", (rooms) => {
          close();
          resolve([...rooms.values()]);
        }, reject);
      }),
    watchRooms: (listener, ended = () => {}) => openLobby(env, address, "watch", listener, ended),
  };
}

/** Answers a token for the next connection; `refused` where the last one no longer held. */
type TokenSource = (refused: boolean) => string | Promise<string>;

async function tokenSource(
  env: Environment,
  { url, login, token }: ConnectOptions & { readonly url: string },
): Promise<TokenSource | undefined> {
  if (login) {
    const session = await Session.logIn(env, url, login);
    return (refused) => session.token(refused);
  }
  if (token === undefined) return undefined;
  return typeof token === "function" ? token : () => token;
}
