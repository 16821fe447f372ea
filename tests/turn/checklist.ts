/**
 * What RFC 8489 and RFC 8656 ask of a server, and the mistakes that others made: each with the tests
 * that hold it, or with the reason why none does. `checklist_test.ts` looks that the tests are there.
 */
export type Line =
  | { readonly rule: string; readonly tests: readonly [string, ...string[]] }
  | { readonly rule: string; readonly without: string };

export const CHECKLIST: readonly Line[] = [
  {
    rule: "RFC 8656 §17, §18; RFC 8489 §18: methods, message types, attributes, magic cookie",
    tests: [
      "RFC 8489 §5 and RFC 8656 §17: the message types, as IANA has them",
      "RFC 8489 §18.3 and RFC 8656 §18: the attribute types, as IANA has them",
      "RFC 8489 §5: the magic cookie, and §14: padding of zeros that the length leaves out",
    ],
  },
  {
    rule: "RFC 8656 §12: demultiplexing by the first byte; channels 0x4000-0x4FFF, others silent",
    tests: [
      "RFC 8656 §12, table 3: each first byte leads to STUN, to a channel, or to silence",
      "§12.6: a number above 0x4fff is dropped",
      "RFC 7983: DTLS",
      "RFC 7983: RTP",
    ],
  },
  {
    rule: "RFC 8489 §14.3, §14.9, §14.10: text of 508 and 763 bytes; what is sent has 509 at most",
    tests: [
      "text as long as allowed is read: 508 bytes of USERNAME, 763 of the rest",
      "RFC 8489 §14.9: a realm and a user of the greatest length fit every answer",
    ],
  },
  {
    rule: "RFC 8489 §14.5, §14.6: integrity over the message so far; SHA-256 whole",
    tests: [
      "RFC 5769 §2.1: sample request",
      "RFC 8489 B.1: USERHASH, nonce cookie and MESSAGE-INTEGRITY-SHA256",
      "RFC 8489 §14.6: TURN allows no shortened MESSAGE-INTEGRITY-SHA256",
      "step 5: a shortened MESSAGE-INTEGRITY-SHA256 is 401",
    ],
  },
  {
    rule: "RFC 8489 §9, §14.7: what follows the integrity code is ignored; FINGERPRINT is last",
    tests: [
      "RFC 8489 §14.5 and §14.6: what stands after the integrity code does not count",
      "RFC 8489 §14.5: what stands after the integrity code is ignored",
      "RFC 8489 §14.7: FINGERPRINT is right and last, or the message is none",
    ],
  },
  {
    rule: "RFC 8489 §6.3: what must be understood and is not: 420 to a request, silence otherwise",
    tests: [
      "RFC 8489 §6.3.1: after authentication, what is not understood is 420",
      "RFC 8489 §6.3.1: what need not be understood is ignored",
      "RFC 8489 §6.3.2: with an unknown attribute is dropped",
    ],
  },
  {
    rule: "RFC 8489 §9.2.4: the six checks, in order",
    tests: [
      "RFC 8489 §9.2.4 step 1: no integrity code is 401 with a challenge",
      "step 2: an integrity code without USERNAME is 400, without a challenge",
      "step 2 comes before 4: an unknown user without NONCE is 400",
      "step 3: a list that was bid down is 400",
      "step 3: PASSWORD-ALGORITHM without the list is 400",
      "step 3 comes before 4: a bid-down list of an unknown user is 400",
      "step 4: an unknown user is 401",
      "RFC 8489 §9.2.4 steps 4 and 5: an unknown name costs the work of a known one",
      "step 5: a wrong integrity code is 401",
      "step 5 comes before 6: a wrong password with an old nonce is 401",
      "step 6: an old nonce is 438 with a new one",
    ],
  },
  {
    rule: "RFC 8489 §9.2, RFC 8656 §5: the nonce's cookie, one for each source, half an hour",
    tests: [
      "RFC 8489 §9.2.4: no two sources share a nonce, and each lasts 30 minutes",
      "step 6: another client's nonce is 438",
    ],
  },
  {
    rule: "RFC 8489 §9.2.2, §14.4: keys by MD5 and SHA-256, USERHASH",
    tests: [
      "RFC 8489 §18.5.1: SHA-256 throughout",
      "RFC 8489 §14.4: USERHASH in place of USERNAME",
      "as browsers do it: MD5 and SHA-1 (and RFC 8656 §7.2: 600 s by default)",
    ],
  },
  {
    rule: "RFC 8656 §6: the key is stored, not the password",
    without:
      "Either of two keys may be asked for, and the configuration holds the password anyway.",
  },
  {
    rule: "Integrity codes and nonces are compared in constant time",
    without: "timingSafeEqual does it; a test of time would be one of the machine's mood.",
  },
  {
    rule:
      "RFC 8489 §9.2.4, end: the answer's integrity follows the request's; 401 says so in words",
    tests: [
      "a client that sends both codes is answered with the stronger",
      "RFC 8489 §9.2.4 and §14.8: a refusal's reason begins with the phrase of its code",
    ],
  },
  {
    rule: "RFC 8489 §10: 300 after authentication, signed, to clients of the alternate's family",
    tests: [
      "§7.2 step 11 and RFC 8489 §10: where another is known, 300 names it",
      "RFC 8489 §10: 300 comes after authentication: 401 to a stranger",
      "RFC 8489 §10: one of another family is named to nobody (IPv4)",
      "RFC 8489 §14.15: ALTERNATE-SERVER is not XORed, in IPv6 either",
    ],
  },
  {
    rule: "RFC 8656 §5: indications and ChannelData are not authenticated",
    tests: [
      "RFC 8656 §5: an indication is not authenticated: a wrong integrity code changes nothing",
    ],
  },
  {
    rule: "RFC 8656 §5, §6: five-tuple; 441 to another user; 437 without one, silence for data",
    tests: [
      "RFC 8656 §6: each part of the five-tuple tells allocations apart",
      "§5: another user is 441",
      "§10.2: without an allocation is 437",
      "§12.2: without an allocation is 437",
      "§11.2: without an allocation is dropped",
      "§12.6: without an allocation is dropped",
    ],
  },
  {
    rule: "RFC 8656 §7.2: the checks of Allocate, in order",
    tests: [
      "§7.2 step 2: a five-tuple in use is 437",
      "step 2 comes before 3: 437 without REQUESTED-TRANSPORT",
      "step 3: REQUESTED-TRANSPORT missing is 400",
      "step 3: TCP is 442",
      "step 3 comes before 4",
      "step 4: DONT-FRAGMENT is 420",
      "step 4 comes before 5",
      "step 5: RESERVATION-TOKEN with EVEN-PORT is 400",
      "step 5: a token that is nobody's is 508",
      "step 6: REQUESTED- with ADDITIONAL-ADDRESS-FAMILY is 400",
      "step 6 comes before 7",
      "step 7: without a family IPv4 is meant, and is 440 where there is none",
      "step 8: EVEN-PORT with R and ADDITIONAL-ADDRESS-FAMILY is 400",
      "step 8: EVEN-PORT with R that no pair satisfies is 508",
      "step 9: ADDITIONAL-ADDRESS-FAMILY IPv4 is 400",
      "step 9: the additional one not supported is a success that says so",
      "step 9 comes before 10",
      "step 10: the user's quota is 486",
    ],
  },
  {
    rule: "RFC 8656 §7.2, §21.1.7: what a success says; ports of the range, and random",
    tests: [
      "step 8: EVEN-PORT with R reserves the next",
      "§7.2: a token is good for 30 s",
      "a token is its owner's",
      "relay ports are of the range, and cannot be guessed from the last",
    ],
  },
  {
    rule: "RFC 8656 §7.2, §8.2: lifetimes; 443; data does not refresh",
    tests: [
      "§8.2: 1 s is raised to 600 s",
      "§8.2: more than the maximum is cut",
      "§8.2: LIFETIME 0 deletes",
      "§8.2: a family that the allocation has not is 443",
      "§7.2: an allocation ends after its lifetime, to the millisecond",
      "§8: data, either way, does not refresh an allocation",
    ],
  },
  {
    rule: "RFC 8656 §5: retransmissions within 40 s get the same answer",
    tests: [
      "§5: the same transaction gets the same answer, not 437",
      "§5: after 40 s the transaction is forgotten",
      "§5: until then it is remembered",
      "§5: a deletion sent again is answered again",
    ],
  },
  {
    rule: "RFC 8656 §9, §10: permissions by address for 300 s; 400, 443, 403, 508; all or none",
    tests: [
      "§9: a permission lasts 300 s",
      "§9: to the millisecond",
      "§9: Send does not",
      "§12.2: ChannelBind begins the permission anew too",
      "§10.2: the port does not count, not even 0",
      "§10.2: no XOR-PEER-ADDRESS is 400",
      "§10.2: another family is 443",
      "§10.2: a forbidden peer is 403, not 443 or 401",
      "§10.2: too many permissions is 508",
      "§10.2: all or none",
    ],
  },
  {
    rule: "RFC 8656 §11.2: Send needs peer, DATA and permission; whatever is wrong is silent",
    tests: [
      "§11.2: no bytes at all are data",
      "§11.2: without DATA is dropped",
      "§11.2: without a permission is dropped",
      "§11.2: to a forbidden peer is dropped",
    ],
  },
  {
    rule: "RFC 8656 §11.3, §12.7: data of a peer needs a permission; a bound channel must be used",
    tests: ["§9: without a permission is dropped", "§12.7: a bound channel must be used"],
  },
  {
    rule: "RFC 8656 §12: channels for 600 s, one peer each and the other way round",
    tests: [
      "§12: a channel lasts 600 s",
      "§12: ChannelData does not refresh it",
      "§12.2: a channel of another peer is 400",
      "§12.2: a peer of another channel is 400",
      "§12.2: binding installs the permission",
      "§12.2: a forbidden peer is 403",
      "§12.6: an unbound channel is dropped",
    ],
  },
  {
    rule: "RFC 8656 §12.5, §12.6: padding on streams; short is dropped; no bytes are forwarded",
    tests: [
      "RFC 8656 §12.5: frames come whole from any split and any coalescing",
      "§12.5: padding is no data",
      "§12.6: shorter than its length is dropped",
      "§12.6: of no bytes is forwarded",
    ],
  },
  {
    rule: "RFC 8656 §11.5: ICMP errors reach the client as Data indications",
    without: "The runtime does not hand ICMP to a datagram socket.",
  },
  {
    rule: "RFC 8656 §14: DONT-FRAGMENT is 420 where it cannot be honoured, silence in Send",
    tests: ["step 4: DONT-FRAGMENT is 420", "§14: with DONT-FRAGMENT is dropped"],
  },
  {
    rule: "RFC 6062, 7635, 5780, 8016: left out, and not understood rather than half done",
    tests: [
      "RFC 8489 §6.3: an unknown method",
      "RFC 7635: ACCESS-TOKEN is not understood",
      "RFC 8489 §6.3.1: Binding with what is not understood is 420",
    ],
  },
  {
    rule: "RFC 5769 and RFC 8489 appendix B.1: the vectors",
    tests: [
      "RFC 5769 §2.2: sample IPv4 response",
      "RFC 5769 §2.3: sample IPv6 response",
      "RFC 5769 §2.4: sample request with long-term authentication",
      "RFC 5769 §2.2 and §2.3: written anew, the responses come out byte for byte",
    ],
  },
  {
    rule: "RFC 7065 and draft-uberti-behave-turn-rest-00: URIs, and credentials that expire",
    tests: [
      "ICE servers: a credential for a subject, signed with the first secret",
      "a time-limited credential under the first secret",
      "secrets rotate: the first signs elsewhere, all verify here, another does not",
    ],
  },
  {
    rule: "RFC 8656 §21.1: amplification",
    tests: [
      "a Binding answer has 32 bytes for IPv4 and 44 for IPv6: 1.6 and 2.2 for each",
      "a challenge has 104 bytes with the realm `game`: 5.2 for each that asked",
      "no unsigned answer in the whole table is longer than a challenge",
      "all unsigned answers to one source, whatever it asks and from wherever, have one rate",
    ],
  },

  {
    rule: "Mistake: one nonce for every client",
    tests: ["RFC 8489 §9.2.4: no two sources share a nonce, and each lasts 30 minutes"],
  },
  {
    rule: "Mistake: silence instead of 437",
    tests: ["RFC 8656 §8.2: Refresh without an allocation is 437, not silence"],
  },
  {
    rule: "Mistake: the wrong code: 400 for 401, 401 or 443 for 403",
    tests: [
      "step 5: a wrong password is 401, not 400",
      "§10.2: a forbidden peer is 403, not 443 or 401",
    ],
  },
  {
    rule: "Mistake: channels up to 0x7FFF or 0xFFFF",
    tests: [
      "§12: 0x5000 is none",
      "§12: nor is 0x7fff, as in RFC 5766",
      "§12: nor 0xffff",
      "RFC 8656 §12: a time-limited credential has none of RFC 5766's channels",
    ],
  },
  {
    rule: "Mistake: LIFETIME below 600 honoured, above the maximum refused",
    tests: ["§7.2: a shorter one is raised to 600 s", "§8.2: more than the maximum is cut"],
  },
  {
    rule: "Mistake: retransmissions remembered one deep",
    tests: ["§5: so does a late copy of an older Allocate"],
  },
  {
    rule: "Mistake: forbidden peers compared as text",
    tests: [
      "the corpus has 200 spellings of forbidden addresses, and the gate denies each",
      "broadcast addresses of this machine's networks are closed, in whichever spelling",
    ],
  },
  {
    rule: "Mistake: one allowed peer lets the others through",
    tests: ["§10.2: one forbidden peer forbids all", "§10.2: a good one beside it does not help"],
  },
  {
    rule: "Mistake: inherited property names count as users",
    tests: ["step 4: names that objects inherit are no users", "step 4: __proto__ is none either"],
  },
  {
    rule: "Mistake: attributes after MESSAGE-INTEGRITY acted upon",
    tests: ["RFC 8489 §14.5: what stands after the integrity code is ignored"],
  },
  {
    rule: "Mistake: reserved ports leaked, relay sockets never closed",
    tests: [
      "reserved ports count, and are closed when nobody comes for them",
      "closing frees every port at once",
    ],
  },
  {
    rule: "Mistake: permissions checked one way only",
    tests: ["§9: out as in", "§9: from a forbidden peer is dropped"],
  },
  {
    rule: "Mistake: a quota that reconnecting escapes, or that is never enforced",
    tests: [
      "a quota is the user's, whatever expiry the credential has, and ends with the state",
      "allocations per room: whoever in it has them, and with the credential that it was given",
      "every limit has an option, a default, and a refusal that is counted or a cut",
    ],
  },
  {
    rule: "Mistake: sessions that outlive their credential",
    tests: [
      "an allocation never outlives its credential, however it is refreshed",
      "an expired credential refreshes nothing",
    ],
  },
];
