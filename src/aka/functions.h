/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the room: f1 to f5* of one subscriber, whichever algorithm. Each answers ERR_VALUE for a
 * subscriber that is not valid, and wipes its results on error.
 */
#ifndef AKA_FUNCTIONS_H
#define AKA_FUNCTIONS_H

#include "aka/aka.h"

NODISCARD enum err functions_f1(const struct aka_subscriber *who, const uint8_t *rand,
                                const uint8_t *sqn, const uint8_t *amf,
                                uint8_t mac[static AKA_VALUE_MAX]);
NODISCARD enum err functions_f1_star(const struct aka_subscriber *who, const uint8_t *rand,
                                     const uint8_t *sqn, const uint8_t *amf,
                                     uint8_t mac[static AKA_VALUE_MAX]);
NODISCARD enum err functions_f2345(const struct aka_subscriber *who, const uint8_t *rand,
                                   struct tuak_keys *keys);
NODISCARD enum err functions_f5_star(const struct aka_subscriber *who, const uint8_t *rand,
                                     uint8_t ak[static AKA_AK_SIZE]);

/* functions_quintet is f1 and f2345 in one go. */
NODISCARD enum err functions_quintet(const struct aka_subscriber *who, const uint8_t *rand,
                                     const uint8_t *sqn, const uint8_t *amf,
                                     uint8_t mac[static AKA_VALUE_MAX], struct tuak_keys *keys);

/* aka_vector_assemble fills all of a vector but XRES, CK and IK. */
void aka_vector_assemble(const struct aka_request *request, const uint8_t *mac_a, const uint8_t *ak,
                         struct aka_vector *out);

#endif
