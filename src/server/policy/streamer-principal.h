/* streamer-principal.h
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

/** Returns: FALSE where @name is not that of a right: `create`, `overwrite`, `remove`, `link` */
gboolean streamer_right_parse (const char *name, StreamerRights *right);

/**
 * StreamerAllowance:
 * @quota: bytes stored and reserved at most, or G_MAXUINT64
 * @open_uploads: uploads begun and not ended at most, or G_MAXUINT
 * @rate: requests per second in the long run; 0 for any number
 * @burst: requests that may come at once where there were none before; of no meaning without @rate
 *
 * How much a principal may use.
 */
typedef struct
{
  guint64 quota;
  guint open_uploads;
  guint rate;
  guint burst;
} StreamerAllowance;

extern const StreamerAllowance streamer_allowance_unlimited;

/**
 * StreamerPrincipal:
 * @name: (owned): of who may do something
 * @prefixes: (owned): canonical keys, in whole segments; an empty one allows every key, an empty
 *   list none
 * @rights: what may be done below them
 * @allowance: how much
 *
 * Reference counted; does not change once it is known. Any thread.
 */
typedef struct
{
  char *name;
  char **prefixes;
  StreamerRights rights;
  StreamerAllowance allowance;
} StreamerPrincipal;

/** @prefixes: (nullable): NULL allows every key */
StreamerPrincipal *streamer_principal_new (const char *name,
                                           const char *const *prefixes,
                                           StreamerRights rights,
                                           const StreamerAllowance *allowance);
StreamerPrincipal *streamer_principal_ref (StreamerPrincipal *self);
void streamer_principal_unref (StreamerPrincipal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StreamerPrincipal, streamer_principal_unref)

/** Returns: whether every key is allowed */
gboolean streamer_principal_may_everywhere (const StreamerPrincipal *self);

/** Returns: whether @key, canonical, is below a prefix of @self */
gboolean streamer_principal_may_touch (const StreamerPrincipal *self, const char *key);

G_END_DECLS
