/* jwt-maker.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <gnutls/abstract.h>

/* An identity provider's private key. */
typedef struct _JwtKey JwtKey;

/* @is_ec: P-256 rather than RSA. @bits: of RSA */
JwtKey *jwt_key_new (const char *kid, gboolean is_ec, guint bits);
void jwt_key_free (JwtKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (JwtKey, jwt_key_free)

/* (transfer full): the public key as an element of a key set; @more goes behind the other members */
char *jwt_key_describe (JwtKey *key, const char *more);

/* (transfer full): the public key as text, which an HMAC might be made with */
char *jwt_key_to_pem (JwtKey *key);

/* (transfer full): @header and @claims, with ' for ", signed as the key does it */
char *jwt_key_sign (JwtKey *key, const char *header, const char *claims);

/* (transfer full): the same with these bytes as the signature */
char *jwt_join (const char *header, const char *claims, gconstpointer signature, gsize length);
