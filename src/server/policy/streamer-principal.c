/* streamer-principal.c: somebody who may do something
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-principal.h"

#include <string.h>

#include "streamer-key.h"

const StreamerAllowance streamer_allowance_unlimited = { .quota = G_MAXUINT64,
                                                         .open_uploads = G_MAXUINT };

static const struct
{
  const char *name;
  StreamerRights right;
} rights_names[] = {
  { "create", STREAMER_RIGHT_CREATE },
  { "overwrite", STREAMER_RIGHT_OVERWRITE },
  { "remove", STREAMER_RIGHT_REMOVE },
  { "link", STREAMER_RIGHT_LINK },
};

gboolean
streamer_right_parse (const char *name, StreamerRights *right)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rights_names); i++)
    if (strcmp (name, rights_names[i].name) == 0)
      {
        *right = rights_names[i].right;
        return TRUE;
      }
  return FALSE;
}

StreamerPrincipal *
streamer_principal_new (const char *name,
                        const char *const *prefixes,
                        StreamerRights rights,
                        const StreamerAllowance *allowance)
{
  const char *const everything[] = { "", NULL };
  StreamerPrincipal *self = g_atomic_rc_box_new0 (StreamerPrincipal);

  self->name = g_strdup (name);
  self->prefixes = g_strdupv ((char **) (prefixes ? prefixes : everything));
  self->rights = rights;
  self->allowance = *allowance;
  return self;
}

StreamerPrincipal *
streamer_principal_ref (StreamerPrincipal *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  StreamerPrincipal *self = data;

  g_free (self->name);
  g_strfreev (self->prefixes);
}

void
streamer_principal_unref (StreamerPrincipal *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

gboolean
streamer_principal_may_everywhere (const StreamerPrincipal *self)
{
  return g_strv_contains ((const char *const *) self->prefixes, "");
}

gboolean
streamer_principal_may_touch (const StreamerPrincipal *self, const char *key)
{
  for (gsize i = 0; self->prefixes[i]; i++)
    if (streamer_key_is_below (key, self->prefixes[i]))
      return TRUE;
  return FALSE;
}
