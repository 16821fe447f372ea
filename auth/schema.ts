/** Forward only, a statement each: `user_version` is how many of them a database has been through. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE users (
     id         TEXT NOT NULL PRIMARY KEY,  -- the name in lower case
     name       TEXT NOT NULL,              -- as its owner writes it
     password   TEXT NOT NULL,              -- PHC string
     epoch      TEXT NOT NULL,              -- replaced when all sessions end
     disabled   INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
     created_at INTEGER NOT NULL            -- Unix milliseconds
   ) STRICT, WITHOUT ROWID`,
  `ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'player'
     CHECK (role IN ('host', 'player'))`,
  // Unix milliseconds: until then it is as if the account were disabled.
  `ALTER TABLE users ADD COLUMN banned_until INTEGER`,
  `CREATE TABLE bans (
     network  TEXT NOT NULL PRIMARY KEY,    -- CIDR
     until    INTEGER NOT NULL              -- Unix milliseconds
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE invites (
     id         INTEGER PRIMARY KEY AUTOINCREMENT,
     digest     BLOB NOT NULL UNIQUE,       -- SHA-256 of the token
     made_by    TEXT NOT NULL,
     made_at    INTEGER NOT NULL,           -- Unix milliseconds, as all times
     expires_at INTEGER NOT NULL,
     used_by    TEXT                        -- the subject whom it let in
   ) STRICT`,
  `CREATE TABLE endings (
     id      INTEGER PRIMARY KEY AUTOINCREMENT, -- grows: who read up to one asks for what came after
     subject TEXT NOT NULL UNIQUE,          -- the latest of each subject is enough
     why     TEXT NOT NULL,
     at      INTEGER NOT NULL
   ) STRICT`,
  `CREATE TABLE audit (
     id     INTEGER PRIMARY KEY AUTOINCREMENT,
     at     INTEGER NOT NULL,
     actor  TEXT NOT NULL,
     action TEXT NOT NULL,
     target TEXT NOT NULL,
     detail TEXT
   ) STRICT`,
  `CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
   BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END`,
  `CREATE TRIGGER audit_is_not_forgotten BEFORE DELETE ON audit
   BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END`,
  `CREATE TABLE signing_keys (
     kid      TEXT NOT NULL PRIMARY KEY,
     jwk      TEXT NOT NULL,                -- private
     signs_at INTEGER NOT NULL              -- until then it is only published
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE sessions (
     id       TEXT NOT NULL PRIMARY KEY,
     user     TEXT NOT NULL,
     epoch    TEXT NOT NULL,                -- the user's, when the session began
     address  TEXT NOT NULL,                -- whence it began
     family   BLOB NOT NULL UNIQUE,         -- SHA-256 of what its refresh tokens have in common
     seed     BLOB NOT NULL,                -- each refresh token comes from the last one and this
     digest   BLOB NOT NULL,                -- SHA-256 of the refresh token that holds
     previous BLOB,                         -- of the one before
     began_at INTEGER NOT NULL,
     used_at  INTEGER NOT NULL,
     ended_at INTEGER
   ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX sessions_of_user ON sessions (user, used_at)`,
  `CREATE INDEX sessions_by_use ON sessions (used_at)`,
];
