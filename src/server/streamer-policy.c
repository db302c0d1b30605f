/* streamer-policy.c: who may do what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-policy.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-key.h"

#define HASH_BYTES 32

typedef struct
{
  StreamerPrincipal principal;
  guint8 token_hash[HASH_BYTES];
} Entry;

struct _StreamerPolicy
{
  GPtrArray *entries; /* (owned) (element-type Entry) */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->principal.name);
  g_strfreev (entry->principal.prefixes);
  g_free (entry);
}

static void
hash_token (const char *token, guint8 *hash)
{
  if (gnutls_hash_fast (GNUTLS_DIG_SHA256, token, strlen (token), hash) < 0)
    g_error ("GnuTLS has no SHA-256.");
}

StreamerPolicy *
streamer_policy_new (void)
{
  StreamerPolicy *self = g_new0 (StreamerPolicy, 1);

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
streamer_policy_free (StreamerPolicy *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

void
streamer_policy_add_principal (StreamerPolicy *self,
                               const char *name,
                               const char *token,
                               const char *const *prefixes,
                               StreamerRights rights)
{
  const char *const everything[] = { NULL };
  Entry *entry = g_new0 (Entry, 1);

  entry->principal.name = g_strdup (name);
  entry->principal.prefixes = g_strdupv ((char **) (prefixes ? prefixes : everything));
  entry->principal.rights = rights;
  hash_token (token, entry->token_hash);
  g_ptr_array_add (self->entries, entry);
}

const StreamerPrincipal *
streamer_policy_authenticate (StreamerPolicy *self, const char *authorization, GError **error)
{
  const StreamerPrincipal *found = NULL;

  if (authorization && g_ascii_strncasecmp (authorization, "Bearer ", 7) == 0)
    {
      guint8 hash[HASH_BYTES];

      hash_token (authorization + 7 + strspn (authorization + 7, " "), hash);
      for (guint i = 0; i < self->entries->len; i++)
        {
          const Entry *entry = g_ptr_array_index (self->entries, i);

          if (gnutls_memcmp (hash, entry->token_hash, HASH_BYTES) == 0)
            found = &entry->principal;
        }
    }
  if (!found)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_AUTH,
                         "The token is missing, wrong or no longer valid.");
  return found;
}

gboolean
streamer_policy_check (const StreamerPrincipal *principal,
                       StreamerRights rights,
                       const char *key,
                       GError **error)
{
  gboolean is_below = principal->prefixes[0] == NULL;

  for (gsize i = 0; principal->prefixes[i] && !is_below; i++)
    is_below = streamer_key_is_below (key, principal->prefixes[i]);
  if (!is_below)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                         "No access to the specified path.");
  else if ((principal->rights & rights) != rights)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_FORBIDDEN,
                         "This token does not allow that.");
  else
    return TRUE;
  return FALSE;
}
