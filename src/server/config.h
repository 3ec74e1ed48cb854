/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one configuration file: lines of `key = value` under `[section]` or `[section name]`, comments
 * from '#' to the end of the line. Every key has a default that packaging/assayd.conf shows;
 * an unknown section or key, a value out of range, a key given twice is an error with its line number.
 *
 * Paths are relative to the directory of the file. The struct holds no secret: keys stay in the files
 * that it names, and only the process that needs one reads it.
 */
#ifndef SERVER_CONFIG_H
#define SERVER_CONFIG_H

#include "base/err.h"
#include "port/crypto.h"
#include "server/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a service listens: "ADDRESS:PORT", "[IPv6]:PORT" or, for Unix sockets, a path. */
struct listen {
	char at[LISTEN_MAX][TEXT_PATH_SIZE];
	size_t count;
};

struct tls_files {
	char certificate[TEXT_PATH_SIZE]; /* DER or PEM; PEM may hold the chain behind it */
	char key[TEXT_PATH_SIZE];
	char trust
		[TEXT_PATH_SIZE]; /* PEM: whom clients must be certified by; "" = nobody is asked */
};

/* One GSMA certificate issuer's key and what the SM-DP+ has been certified with under it. A CI with
 * keys on two curves is two sections. */
struct config_ci {
	char name[NAME_SIZE];
	char certificate[TEXT_PATH_SIZE]; /* CERT.CI.ECDSA: trust anchor of the EUMs */
	char dpauth_certificate[TEXT_PATH_SIZE], dpauth_key[TEXT_PATH_SIZE];
	char dppb_certificate[TEXT_PATH_SIZE], dppb_key[TEXT_PATH_SIZE];
};

/* An operator on ES2+: recognised by its client certificate, called back at its own ES2+ address. */
struct config_operator {
	char name[NAME_SIZE];
	char subject[TEXT_PATH_SIZE];      /* common name of its client certificate */
	char events_url[TEXT_PATH_SIZE];   /* where changes of its machines are posted; "" = nowhere */
	char notify_url[TEXT_PATH_SIZE];   /* where HandleDownloadProgressInfo goes; "" = nowhere */
	char notify_trust[TEXT_PATH_SIZE]; /* PEM: whom that server must be certified by */
	char notify_certificate[TEXT_PATH_SIZE]; /* our client certificate there */
	char notify_key[TEXT_PATH_SIZE];
};

/* Absolute time limits of one connection, in milliseconds: inactivity is not what is measured. */
struct config_deadlines {
	uint32_t handshake_ms; /* from accept to the end of the first request's header */
	uint32_t header_ms;    /* from the end of an answer to the end of the next header */
	uint32_t body_ms;      /* from the header to the end of the body */
	uint32_t answer_ms;    /* from the body to the last octet of the answer being taken */
};

struct config {
	char path[TEXT_PATH_SIZE], base[TEXT_PATH_SIZE]; /* the file, and its directory */
	char data[TEXT_PATH_SIZE];                       /* directory of the store */
	char user[NAME_SIZE]; /* whom to become when started as root; "" = stay */
	uint32_t workers;     /* processes; 0 = as many as CPUs */
	uint32_t service_ms;  /* a service of our own that answers nothing for so long counts as dead */
	bool sandbox;         /* seccomp and Landlock; off only to look for faults */

	struct listen es9, es2, admin, auc;
	struct listen quarantine; /* the AuC's sockets for hostapd's instances in front of the quarantine */
	struct listen radius;     /* where the relay in front of them listens; ... */
	char radius_network[ADDRESS_SIZE], radius_quarantine[ADDRESS_SIZE]; /* ... where they do */
	struct tls_files es9_tls, es2_tls;
	char address[ADDRESS_SIZE]; /* the SM-DP+ address: what smdpAddress must be */
	struct config_deadlines deadlines;
	uint32_t connections_max; /* per worker */
	uint32_t connections_per_address_max;
	uint32_t session_seconds;   /* life of an unfinished RSP session */
	uint32_t download_attempts; /* bound packages handed out per order, unless the order says */
	uint32_t
		confirmation_attempts; /* wrong confirmation codes per order, unless the order says */

	bool test_chips; /* chips under a test root may enrol */
	char master_key[TEXT_PATH_SIZE]; /* file of 32 octets; made by --init, mode 0600 */
	char audit_key[TEXT_PATH_SIZE];  /* P-256: signs heads of the audit log; made by --init; "" = none */
	char audit_head[TEXT_PATH_SIZE]; /* where the keeper remembers the head that it signed last; "" = it does
	                                  * for its life only */
	char result_key[TEXT_PATH_SIZE]; /* P-256: signs attestation results; likewise */
	char notice_key[TEXT_PATH_SIZE]; /* P-256: signs what operators are told; "" = none */
	char catalogue
		[TEXT_PATH_SIZE]; /* directory of *.json with profiles and orders; "" = none */

	struct config_ci ci[CI_MAX];
	size_t ci_count;
	struct config_operator operators[OPERATOR_MAX];
	size_t operator_count;
};

/* config_defaults sets what an empty file means. */
void config_defaults(struct config *config);

/* config_line takes one line; `section` remembers where we are and starts as "". On error `why` names
 * the cause for a person. */
struct config_section {
	char kind[NAME_SIZE], name[NAME_SIZE];
	uint64_t seen; /* keys given already in this section */
};
NODISCARD enum err config_line(struct config *config, struct config_section *section, char *line,
                               const char **why);

/* config_load reads a file; on error it has said "FILE:LINE: why" on standard error. */
NODISCARD enum err config_load(struct config *config, const char *path);

/* config_check looks at what the file names: certificates, keys that belong to them, directories. Says
 * everything that is wrong on standard error. */
NODISCARD enum err config_check(const struct config *config);

/* config_check_apart does so in a process of its own, which takes with it what it has seen of keys (R7): libraries leave
 * copies behind, and what the supervisor has in memory all its children have. */
NODISCARD enum err config_check_apart(const struct config *config);

#endif
