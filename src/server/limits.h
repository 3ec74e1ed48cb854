/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit of the server that more than one file must know, each with its reason. */
#ifndef SERVER_LIMITS_H
#define SERVER_LIMITS_H

enum {
	PACKAGE_MAX = 1 << 20,        /* octets of a profile package; real ones are 8 to 200 KB */
	MESSAGE_MAX = 3 << 20,        /* one message between processes: a package, sealed and bound */
	BODY_MAX = 256 << 10,         /* an HTTP body of ES9+ or ES2+: notifications carry chains */
	BODY_ADMIN_MAX = 2 << 20,     /* the admin socket takes whole packages, in base64 */
	CI_MAX = 16,                  /* certificate issuers x curves of one server */
	OPERATOR_MAX = 64,            /* rows of [operator ...] */
	LISTEN_MAX = 4,               /* addresses of one service */
	WORKER_MAX = 64,
	CERTIFICATE_MAX = 4096,       /* octets of one DER certificate; SGP.26's have about 600 */
	NAME_SIZE = 64,               /* operator names, profile types, states, with NUL */
	ADDRESS_SIZE = 160,           /* FQDN or literal with port, with NUL */
	TEXT_PATH_SIZE = 512,         /* a file name in the configuration, with NUL */
	SQN_RANGE_MAX = 4096,         /* sequence numbers reserved at once */
};

#endif
