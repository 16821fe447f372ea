/*
 * The load of the relay comparison: clients with a channel each send ChannelData of 160 bytes (a
 * voice packet, a game's update). In C, since what a load tool takes and how long it pauses would be
 * read as the server's: it answers in time, and the system says when each datagram came.
 *
 *     datagrams <server port> <packets a second> <seconds> [<client port> <peer port>]...
 *
 * A rate of 0 stands for as many as come back. A peer port of 0 is a client whose peer is another
 * client; at any other an echo peer is served. First comes a warm-up, so that a server's compiler
 * knows what is hot; then it says `ready`, waits for a line, and answers with the result as JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, HEADER = 4, PAYLOAD = 160, LENGTH = HEADER + PAYLOAD, MOST_DESCRIPTORS = 65536 };
#define US 1000ll
#define MS (1000 * US)
#define S (1000 * MS)

/* What is due in so long goes out together, as games' ticks and network cards have it. */
#define TICK MS
/* At most this many at once, or a late tick would overrun the sockets' queues. */
enum { BURST = 64 };
/* Under way for each client where as many are sent as come back. */
enum { WINDOW = 4 };
#define WARM_UP S
/* What is still under way after this is lost. */
#define STRAGGLERS S
/* A send that takes longer was interrupted: its end counts, not its beginning. */
#define INTERRUPTED (100 * US)
/* LONG_MS of meter.ts. */
#define LONG (5 * MS)
/* More than any server here carries in a second. */
#define MOST_A_SECOND 1000000

static int epoll, count, *clients, is_peer[MOST_DESCRIPTORS];
static struct sockaddr_in server;
static uint8_t out[LENGTH] = {0x40, 0, 0, PAYLOAD};
/* Runs are numbered: a straggler of the warm-up counts nowhere. */
static uint32_t run;
static int64_t *sent_at, *delays;
static uint32_t sent, received, total;
/* Whether each that comes back sends the next. */
static int follows;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * S + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void *array(size_t length, size_t size) {
  void *made = calloc(length, size);
  if (!made) fail("calloc");
  /* Touched now, or the first run would wait for each page. */
  return memset(made, 1, length * size);
}

static int opened(int port) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 1 << 20;
  struct sockaddr_in name = server;
  name.sin_port = htons(port);
  if (fd < 0 || fd >= MOST_DESCRIPTORS) fail("socket");
  if (bind(fd, (struct sockaddr *)&name, sizeof name)) fail("bind");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
  return fd;
}

static void open_client(int port) {
  int fd = clients[count++] = opened(port), on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on)) fail("SO_TIMESTAMPNS");
  if (connect(fd, (struct sockaddr *)&server, sizeof server)) fail("connect");
}

static void say(int fd) {
  memcpy(out + HEADER, &run, sizeof run);
  memcpy(out + HEADER + sizeof run, &sent, sizeof sent);
  int64_t begun = now();
  send(fd, out, LENGTH, 0);
  int64_t ended = now();
  sent_at[sent++] = ended - begun > INTERRUPTED ? ended : begun;
}

static void hear(int fd) {
  static uint8_t in[BATCH][2048];
  static char control[BATCH][64];
  static struct sockaddr_in from[BATCH];
  static struct iovec parts[BATCH];
  static struct mmsghdr heads[BATCH];
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){in[i], sizeof in[i]};
    struct msghdr *head = &heads[i].msg_hdr;
    *head = (struct msghdr){&from[i], sizeof from[i], &parts[i], 1, NULL, 0, 0};
    if (!is_peer[fd]) head->msg_control = control[i], head->msg_controllen = sizeof control[i];
  }
  int got = recvmmsg(fd, heads, BATCH, MSG_DONTWAIT, NULL);
  if (is_peer[fd] && got > 0) {
    for (int i = 0; i < got; i++) parts[i].iov_len = heads[i].msg_len;
    sendmmsg(fd, heads, got, MSG_DONTWAIT);
    return;
  }
  for (int i = 0; i < got; i++) {
    uint32_t its_run, number;
    struct timespec came;
    struct cmsghdr *stamp = CMSG_FIRSTHDR(&heads[i].msg_hdr);
    memcpy(&its_run, in[i] + HEADER, sizeof its_run);
    memcpy(&number, in[i] + HEADER + sizeof its_run, sizeof number);
    if (heads[i].msg_len != LENGTH || its_run != run || number >= sent || !stamp) continue;
    /* A duplicate counts once. */
    if (sent_at[number] == 0) continue;
    memcpy(&came, CMSG_DATA(stamp), sizeof came);
    int64_t delay = came.tv_sec * S + came.tv_nsec - sent_at[number];
    delays[received++] = delay > 0 ? delay : 0;
    sent_at[number] = 0;
    if (follows && sent < total) say(fd);
  }
}

static int ascending(const void *one, const void *other) {
  int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
  return (a > b) - (a < b);
}

/* Sends `rate` a second, or where that is 0 the next for each that comes; answers how long it took. */
static double load(double rate, int64_t length, uint32_t most) {
  struct epoll_event events[BATCH];
  int64_t start = now(), last = start;
  run++, sent = received = 0, total = most, follows = rate == 0;
  for (int i = 0; follows && i < count * WINDOW; i++) say(clients[i % count]);
  for (;;) {
    int64_t time = now(), passed = time - start, wait = 10 * MS;
    if (follows) {
      if (passed > length) total = sent;
    } else if (sent < total) {
      double due = passed / TICK * TICK / (double)S * rate;
      for (int i = 0; i < BURST && sent < total && sent < due; i++) say(clients[sent % count]);
      last = time, wait = start + (passed / TICK + 1) * TICK - now();
    }
    if (sent == total && (received == sent || time - (follows ? start + length : last) > STRAGGLERS))
      return (now() - start) / (double)S;
    struct timespec pause = {0, wait > 0 ? wait : 0};
    int ready = epoll_pwait2(epoll, events, BATCH, &pause, NULL);
    for (int i = 0; i < ready; i++) hear(events[i].data.fd);
  }
}

int main(int n, char **arguments) {
  if (n < 6) return 2;
  double rate = atof(arguments[2]), seconds = atof(arguments[3]);
  uint32_t most = rate > 0 ? rate * seconds + 0.5 : MOST_A_SECOND * seconds;
  size_t room = (most > MOST_A_SECOND ? most : MOST_A_SECOND) + n * WINDOW;
  epoll = epoll_create1(0);
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1]))};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  clients = array(n, sizeof *clients);
  sent_at = array(room, sizeof *sent_at), delays = array(room, sizeof *delays);
  for (int i = 4; i + 1 < n; i += 2) {
    open_client(atoi(arguments[i]));
    if (atoi(arguments[i + 1])) is_peer[opened(atoi(arguments[i + 1]))] = 1;
  }
  load(0, seconds * S < WARM_UP ? seconds * S : WARM_UP, MOST_A_SECOND);
  puts("ready");
  fflush(stdout);
  if (getchar() == EOF) return 0;
  double took = load(rate, seconds * S, most);
  qsort(delays, received, sizeof *delays, ascending);
  uint32_t within = 0;
  while (within < received && delays[within] <= LONG) within++;
  double p50 = 0, p99 = 0, longest = 0;
  if (received) p50 = delays[received / 2], p99 = delays[received * 99l / 100], longest = delays[received - 1];
  printf("{\"sent\":%u,\"received\":%u,\"p50\":%f,\"p99\":%f,\"longest\":%f,\"long\":%u,\"perSecond\":%f}\n",
         sent, received, p50 / MS, p99 / MS, longest / MS, received - within, received / took);
}
