/* streamer-policy.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  STREAMER_RIGHT_CREATE = 1 << 0,
  STREAMER_RIGHT_OVERWRITE = 1 << 1,
  STREAMER_RIGHT_REMOVE = 1 << 2,
  STREAMER_RIGHT_LINK = 1 << 3,
} StreamerRights;

#define STREAMER_RIGHTS_ALL                                                                        \
  (STREAMER_RIGHT_CREATE | STREAMER_RIGHT_OVERWRITE | STREAMER_RIGHT_REMOVE | STREAMER_RIGHT_LINK)

/**
 * StreamerPrincipal:
 * @name: (owned): of who may do something
 * @prefixes: (owned): canonical keys, in whole segments; an empty list allows every key
 * @rights: what may be done below them
 *
 * Does not change once it is known.
 */
typedef struct
{
  char *name;
  char **prefixes;
  StreamerRights rights;
} StreamerPrincipal;

/**
 * StreamerPolicy:
 *
 * Who may do what. Filled before the server starts, read by any thread then.
 */
typedef struct _StreamerPolicy StreamerPolicy;

StreamerPolicy *streamer_policy_new (void);
void streamer_policy_free (StreamerPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerPolicy, streamer_policy_free)

/**
 * streamer_policy_add_principal:
 * @token: only its SHA-256 is kept
 * @prefixes: (nullable): NULL allows every key
 */
void streamer_policy_add_principal (StreamerPolicy *self,
                                    const char *name,
                                    const char *token,
                                    const char *const *prefixes,
                                    StreamerRights rights);

/**
 * streamer_policy_authenticate:
 * @authorization: (nullable): the value of the request's Authorization header
 *
 * Returns: (transfer none): who asks; or NULL with STREAMER_ERROR_AUTH
 */
const StreamerPrincipal *
streamer_policy_authenticate (StreamerPolicy *self, const char *authorization, GError **error);

/**
 * streamer_policy_check:
 * @rights: what is needed; 0 for looking
 * @key: canonical
 *
 * Returns: FALSE with STREAMER_ERROR_FORBIDDEN where @principal may not
 */
gboolean streamer_policy_check (const StreamerPrincipal *principal,
                                StreamerRights rights,
                                const char *key,
                                GError **error);

G_END_DECLS
