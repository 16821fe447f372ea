/*
 * The floor of the relay comparison: what the kernel takes for the datagrams alone. It looks like a
 * TURN server to our load tool and is none: no passwords, permissions, limits or lifetimes, one
 * channel for each client, and its partner's address looked up once. Batched like our fast driver.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, SIZE = 2048, HEADER = 4, PORTS = 65536 };
static const uint8_t COOKIE[4] = {0x21, 0x12, 0xa4, 0x42};

struct client {
  struct sockaddr_in at, peer;
  int relay;
  /* The client whose relay the peer is, if it is one of ours. */
  struct client *partner;
};

static struct client *by_port[PORTS], *by_relay_port[PORTS], *by_descriptor[PORTS];
static uint8_t in[BATCH][HEADER + SIZE];
static struct sockaddr_in from[BATCH];
static struct iovec in_parts[BATCH], out_parts[BATCH];
static struct mmsghdr in_heads[BATCH], out_heads[BATCH];
static int epoll, waiting, out_socket;

static int bound(uint16_t port, struct sockaddr_in *name) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 1 << 21;
  socklen_t length = sizeof *name;
  *name = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
  name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || fd >= PORTS || bind(fd, (struct sockaddr *)name, length)) exit(1);
  getsockname(fd, (struct sockaddr *)name, &length);
  if (port) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  return fd;
}

static void flush(void) {
  for (int sent = 0, n; sent < waiting; sent += n > 0 ? n : 1)
    n = sendmmsg(out_socket, out_heads + sent, waiting - sent, MSG_DONTWAIT);
  waiting = 0;
}

static void later(int fd, void *bytes, size_t length, struct sockaddr_in *to) {
  if (waiting == BATCH || (waiting && fd != out_socket)) flush();
  out_socket = fd;
  out_parts[waiting] = (struct iovec){bytes, length};
  struct msghdr *head = &out_heads[waiting].msg_hdr;
  *head = (struct msghdr){.msg_name = to, .msg_namelen = sizeof *to};
  head->msg_iov = &out_parts[waiting++];
  head->msg_iovlen = 1;
}

/* The value of an attribute, or where the message ends. */
static uint8_t *attribute(uint8_t *message, int length, int type) {
  uint8_t *at = message + 20;
  while (at + 4 <= message + length && (at[0] << 8 | at[1]) != type)
    at += 4 + (((at[2] << 8 | at[3]) + 3) & ~3);
  return at + 4 <= message + length ? at + 4 : message + length;
}

/* Answers what the load tool asks before it loads. */
static void answer(int fd, uint8_t *ask, int length, struct sockaddr_in *who) {
  uint8_t out[64] = {1, ask[1]}, *end = out + 20;
  uint16_t port = ntohs(who->sin_port);
  memcpy(out + 4, ask + 4, 16);
  int signed_ = attribute(ask, length, 0x0008) < ask + length;
  if (ask[1] == 3 && !signed_) {
    static const uint8_t refusal[] = {0, 9, 0, 4, 0, 0, 4, 1, 0, 0x14, 0, 4, 'g', 'a', 'm', 'e',
                                      0, 0x15, 0, 4, 'o', 'n', 'c', 'e'};
    out[1] = 0x13;
    end = mempcpy(end, refusal, sizeof refusal);
  } else if (ask[1] == 3) {
    struct sockaddr_in relayed;
    struct client *client = calloc(1, sizeof *client);
    client->at = *who;
    client->relay = bound(0, &relayed);
    by_port[port] = by_descriptor[client->relay] = by_relay_port[ntohs(relayed.sin_port)] = client;
    uint8_t address[] = {0, 0x16, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0};
    memcpy(address + 6, &relayed.sin_port, 2);
    memcpy(address + 8, &relayed.sin_addr, 4);
    for (int i = 0; i < 2; i++) address[6 + i] ^= COOKIE[i];
    for (int i = 0; i < 4; i++) address[8 + i] ^= COOKIE[i];
    end = mempcpy(end, address, sizeof address);
  } else if (ask[1] == 9 && by_port[port]) {
    uint8_t *peer = attribute(ask, length, 0x0012);
    struct client *client = by_port[port];
    client->peer = *who;
    memcpy(&client->peer.sin_port, peer + 2, 2);
    client->peer.sin_port ^= *(uint16_t *)COOKIE;
    client->partner = by_relay_port[ntohs(client->peer.sin_port)];
  } else if (ask[1] == 4 && by_port[port]) {
    struct client *client = by_port[port];
    close(client->relay);
    by_port[port] = by_descriptor[client->relay] = NULL;
    for (int i = 0; i < PORTS; i++)
      if (by_relay_port[i] == client) by_relay_port[i] = NULL;
  }
  out[3] = end - out - 20;
  sendto(fd, out, end - out, 0, (struct sockaddr *)who, sizeof *who);
}

int main(int count, char **arguments) {
  struct sockaddr_in name;
  struct epoll_event events[BATCH];
  epoll = epoll_create1(0);
  int server = bound(count > 1 ? atoi(arguments[1]) : 0, &name);
  for (int i = 0; i < BATCH; i++) {
    in_parts[i] = (struct iovec){in[i] + HEADER, SIZE};
    in_heads[i].msg_hdr = (struct msghdr){&from[i], sizeof from[i], &in_parts[i], 1, 0, 0, 0};
  }
  for (;;) {
    int ready = epoll_wait(epoll, events, BATCH, -1);
    for (int e = 0; e < ready; e++) {
      int fd = events[e].data.fd, got = recvmmsg(fd, in_heads, BATCH, MSG_DONTWAIT, NULL);
      for (int i = 0; i < got; i++) {
        uint8_t *bytes = in[i] + HEADER;
        int length = in_heads[i].msg_len;
        if (fd != server) {
          uint8_t header[HEADER] = {0x40, 0, length >> 8, length};
          if (!by_descriptor[fd]) continue;
          memcpy(in[i], header, HEADER);
          later(server, in[i], length + HEADER, &by_descriptor[fd]->at);
        } else if (bytes[0] == 0x40) {
          struct client *client = by_port[ntohs(from[i].sin_port)];
          if (!client) continue;
          if (client->partner) later(server, bytes, length, &client->partner->at);
          else later(client->relay, bytes + HEADER, length - HEADER, &client->peer);
        } else answer(fd, bytes, length, &from[i]);
      }
      flush();
    }
  }
}
