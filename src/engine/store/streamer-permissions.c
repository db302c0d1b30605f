/* streamer-permissions.c: the presigned URLs of one upload
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any thread; the upload's lock is held only to look and to put down.
 */

#include "streamer-permissions.h"

#include "streamer-turn.h"

/* Guarded by the upload's lock. */
typedef struct
{
  StreamerTurn asking;
  GHashTable *urls;    /* (owned): number → StreamerPresigned */
  GHashTable *refused; /* (owned): numbers whose last fresh URL was refused */
} Permissions;

static void
permissions_free (gpointer data)
{
  Permissions *permissions = data;

  g_hash_table_unref (permissions->urls);
  g_hash_table_unref (permissions->refused);
  streamer_turn_clear (&permissions->asking);
  g_free (permissions);
}

/* With the lock held. */
static Permissions *
get_permissions (StreamerUpload *upload)
{
  if (upload->priv == NULL)
    {
      Permissions *permissions = g_new0 (Permissions, 1);

      streamer_turn_init (&permissions->asking);
      permissions->urls =
          g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) streamer_presigned_unref);
      permissions->refused = g_hash_table_new (NULL, NULL);
      upload->priv = permissions;
      upload->priv_destroy = permissions_free;
    }
  return upload->priv;
}

StreamerPresigned *
streamer_permissions_find (StreamerUpload *upload, guint number, guint64 size)
{
  StreamerPresigned *presigned;

  g_mutex_lock (&upload->lock);
  presigned = g_hash_table_lookup (get_permissions (upload)->urls, GUINT_TO_POINTER (number));
  if (presigned != NULL && streamer_presigned_is_good (presigned, size))
    streamer_presigned_ref (presigned);
  else
    presigned = NULL;
  g_mutex_unlock (&upload->lock);

  return presigned;
}

/* Lives as long as the upload. */
static StreamerTurn *
get_turn (StreamerUpload *upload)
{
  StreamerTurn *turn;

  g_mutex_lock (&upload->lock);
  turn = &get_permissions (upload)->asking;
  g_mutex_unlock (&upload->lock);
  return turn;
}

gboolean
streamer_permissions_take_turn (StreamerUpload *upload, GCancellable *cancellable, GError **error)
{
  return streamer_turn_take (get_turn (upload), cancellable, error);
}

void
streamer_permissions_give_turn (StreamerUpload *upload)
{
  streamer_turn_give (get_turn (upload));
}

void
streamer_permissions_put (StreamerUpload *upload, guint number, StreamerPresigned *presigned)
{
  g_mutex_lock (&upload->lock);
  g_hash_table_replace (get_permissions (upload)->urls, GUINT_TO_POINTER (number), presigned);
  g_mutex_unlock (&upload->lock);
}

void
streamer_permissions_set_used (StreamerUpload *upload, guint number)
{
  g_mutex_lock (&upload->lock);
  g_hash_table_remove (get_permissions (upload)->urls, GUINT_TO_POINTER (number));
  g_hash_table_remove (get_permissions (upload)->refused, GUINT_TO_POINTER (number));
  g_mutex_unlock (&upload->lock);
}

void
streamer_permissions_set_unreachable (StreamerUpload *upload, guint number)
{
  g_mutex_lock (&upload->lock);
  g_hash_table_remove (get_permissions (upload)->urls, GUINT_TO_POINTER (number));
  g_mutex_unlock (&upload->lock);
}

gboolean
streamer_permissions_set_refused (StreamerUpload *upload, guint number, gboolean fresh)
{
  gboolean again;

  g_mutex_lock (&upload->lock);
  g_hash_table_remove (get_permissions (upload)->urls, GUINT_TO_POINTER (number));
  again = fresh && !g_hash_table_add (get_permissions (upload)->refused, GUINT_TO_POINTER (number));
  g_mutex_unlock (&upload->lock);

  return again;
}
