/* streamer-store.c: the interface of places that take objects in parts, and what it passes around
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: the calls run on workers. A StreamerUpload is shared by workers and the owner. */

#include "streamer-store.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/random.h>

#include "streamer-error.h"
#include "streamer-hex.h"
#include "streamer-s3-etag.h"

G_DEFINE_BOXED_TYPE (StreamerUpload, streamer_upload, streamer_upload_ref, streamer_upload_unref)
G_DEFINE_INTERFACE (StreamerStore, streamer_store, G_TYPE_OBJECT)

static void
streamer_store_default_init (StreamerStoreInterface *iface)
{
}

static char *
draw_resume_id (void)
{
  guint8 bits[16];

  if (getrandom (bits, sizeof bits, 0) != sizeof bits)
    g_error ("The kernel gives no random numbers: %s", g_strerror (errno));
  return streamer_hex_encode (bits, sizeof bits);
}

StreamerUpload *
streamer_upload_new (const char *key,
                     const StreamerPlan *plan,
                     const char *content_type,
                     gboolean overwrite)
{
  StreamerUpload *upload = g_atomic_rc_box_new0 (StreamerUpload);

  upload->key = g_strdup (key);
  upload->size = plan->size;
  upload->part_size = plan->part_size;
  upload->n_parts = plan->n_parts;
  upload->content_type = g_strdup (content_type);
  upload->overwrite = overwrite;
  upload->resume_id = draw_resume_id ();
  g_mutex_init (&upload->lock);
  return upload;
}

StreamerUpload *
streamer_upload_ref (StreamerUpload *upload)
{
  return g_atomic_rc_box_acquire (upload);
}

static void
upload_clear (gpointer data)
{
  StreamerUpload *upload = data;

  if (upload->priv_destroy != NULL)
    upload->priv_destroy (upload->priv);
  g_free (upload->key);
  g_free (upload->content_type);
  g_free (upload->storage_class);
  g_strfreev (upload->metadata);
  g_free (upload->resume_id);
  g_free (upload->upload_id);
  g_mutex_clear (&upload->lock);
}

void
streamer_upload_unref (StreamerUpload *upload)
{
  g_atomic_rc_box_release_full (upload, upload_clear);
}

void
streamer_stored_part_clear (StreamerStoredPart *part)
{
  g_clear_pointer (&part->etag, g_free);
}

static gboolean
is_same_part (const StreamerStoredPart *sent, const StreamerStoredPart *held)
{
  return sent->number == held->number && sent->size == held->size &&
         (*sent->etag == '\0' || *held->etag == '\0' ||
          streamer_s3_etag_equal (sent->etag, held->etag));
}

gboolean
streamer_stored_parts_check (GArray *sent, GArray *held, GError **error)
{
  gboolean same = sent->len == held->len;

  for (guint i = 0; same && i < sent->len; i++)
    same = is_same_part (&g_array_index (sent, StreamerStoredPart, i),
                         &g_array_index (held, StreamerStoredPart, i));
  if (!same)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_CHECKSUM,
                         _ ("What the server has is not what was sent."));
  return same;
}

void
streamer_unfinished_clear (StreamerUnfinished *unfinished)
{
  g_clear_pointer (&unfinished->key, g_free);
  g_clear_pointer (&unfinished->upload_id, g_free);
}

/* What a store adds to its own id for us stands before a blank. */
gboolean
streamer_unfinished_is (const StreamerUnfinished *unfinished, const char *upload_id)
{
  const char *blank = strrchr (upload_id, ' ');

  return g_str_equal (unfinished->upload_id, blank != NULL ? blank + 1 : upload_id);
}

GArray *
streamer_unfinished_array_new (void)
{
  GArray *array = g_array_new (FALSE, TRUE, sizeof (StreamerUnfinished));

  g_array_set_clear_func (array, (GDestroyNotify) streamer_unfinished_clear);
  return array;
}

StreamerStoredObject *
streamer_stored_object_new (guint64 size, const char *etag, const char *url)
{
  StreamerStoredObject *object = g_new0 (StreamerStoredObject, 1);

  object->size = size;
  object->etag = g_strdup (etag);
  object->url = g_strdup (url);
  return object;
}

void
streamer_stored_object_free (StreamerStoredObject *object)
{
  g_free (object->etag);
  g_free (object->url);
  g_free (object);
}

gboolean
streamer_store_get_limits (StreamerStore *self,
                           StreamerHttp *http,
                           StreamerLimits *limits,
                           GCancellable *cancellable,
                           GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  return STREAMER_STORE_GET_IFACE (self)->get_limits (self, http, limits, cancellable, error);
}

gboolean
streamer_store_begin (StreamerStore *self,
                      StreamerHttp *http,
                      StreamerUpload *upload,
                      GCancellable *cancellable,
                      GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  if (!STREAMER_STORE_GET_IFACE (self)->begin (self, http, upload, cancellable, error))
    return FALSE;
  g_assert (upload->upload_id != NULL);
  return TRUE;
}

gboolean
streamer_store_put_part (StreamerStore *self,
                         StreamerHttp *http,
                         StreamerUpload *upload,
                         guint number,
                         StreamerPartStream *body,
                         StreamerStoredPart *stored,
                         GCancellable *cancellable,
                         GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  g_assert (upload->upload_id != NULL);
  g_assert (number >= 1 && number <= upload->n_parts);

  *stored = (StreamerStoredPart){ 0 };
  if (!STREAMER_STORE_GET_IFACE (self)->put_part (self, http, upload, number, body, stored,
                                                  cancellable, error))
    return FALSE;
  g_assert (stored->number == number);
  g_assert (stored->etag != NULL);
  return TRUE;
}

GArray *
streamer_store_list_parts (StreamerStore *self,
                           StreamerHttp *http,
                           StreamerUpload *upload,
                           GCancellable *cancellable,
                           GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  g_assert (upload->upload_id != NULL);
  return STREAMER_STORE_GET_IFACE (self)->list_parts (self, http, upload, cancellable, error);
}

StreamerStoredObject *
streamer_store_finish (StreamerStore *self,
                       StreamerHttp *http,
                       StreamerUpload *upload,
                       GArray *parts,
                       guint32 crc32,
                       GCancellable *cancellable,
                       GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  g_assert (upload->upload_id != NULL);
  g_assert (parts->len >= 1);
  return STREAMER_STORE_GET_IFACE (self)->finish (self, http, upload, parts, crc32, cancellable,
                                                  error);
}

gboolean
streamer_store_cancel (StreamerStore *self,
                       StreamerHttp *http,
                       StreamerUpload *upload,
                       GCancellable *cancellable,
                       GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  g_assert (upload->upload_id != NULL);
  return STREAMER_STORE_GET_IFACE (self)->cancel (self, http, upload, cancellable, error);
}

gboolean
streamer_store_remove (StreamerStore *self,
                       StreamerHttp *http,
                       const char *key,
                       GCancellable *cancellable,
                       GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  return STREAMER_STORE_GET_IFACE (self)->remove (self, http, key, cancellable, error);
}

StreamerStoredObject *
streamer_store_stat (StreamerStore *self,
                     StreamerHttp *http,
                     const char *key,
                     GCancellable *cancellable,
                     GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  if (STREAMER_STORE_GET_IFACE (self)->stat != NULL)
    return STREAMER_STORE_GET_IFACE (self)->stat (self, http, key, cancellable, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _ ("This server cannot say what it has stored."));
  return NULL;
}

GArray *
streamer_store_list_unfinished (StreamerStore *self,
                                StreamerHttp *http,
                                const char *prefix,
                                GCancellable *cancellable,
                                GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  if (STREAMER_STORE_GET_IFACE (self)->list_unfinished != NULL)
    return STREAMER_STORE_GET_IFACE (self)->list_unfinished (self, http, prefix, cancellable,
                                                             error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _ ("This server does not list unfinished uploads."));
  return NULL;
}

char *
streamer_store_link (StreamerStore *self,
                     StreamerHttp *http,
                     const char *key,
                     guint expires_in,
                     GCancellable *cancellable,
                     GError **error)
{
  g_assert (STREAMER_IS_STORE (self));
  g_assert (expires_in > 0);
  if (STREAMER_STORE_GET_IFACE (self)->link != NULL)
    return STREAMER_STORE_GET_IFACE (self)->link (self, http, key, expires_in, cancellable, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       _ ("This server makes no links to what it has stored."));
  return NULL;
}

gint64
streamer_store_get_clock_offset (StreamerStore *self)
{
  g_assert (STREAMER_IS_STORE (self));
  if (STREAMER_STORE_GET_IFACE (self)->get_clock_offset != NULL)
    return STREAMER_STORE_GET_IFACE (self)->get_clock_offset (self);
  return 0;
}
