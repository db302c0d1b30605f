/* streamer-storage.c: what every place for objects offers to the request API
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-storage.h"

#include "streamer-key.h"

G_DEFINE_INTERFACE (StreamerStorage, streamer_storage, G_TYPE_OBJECT)

static void
streamer_storage_default_init (StreamerStorageInterface *iface)
{
}

StreamerStorageUpload *
streamer_storage_upload_new (void)
{
  return g_new0 (StreamerStorageUpload, 1);
}

void
streamer_storage_upload_free (StreamerStorageUpload *upload)
{
  g_free (upload->id);
  g_free (upload->principal);
  g_free (upload->key);
  g_free (upload->content_type);
  g_free (upload);
}

guint64
streamer_storage_upload_count_parts (const StreamerStorageUpload *upload)
{
  g_return_val_if_fail (upload->part_size > 0, 1);

  if (upload->size == 0)
    return 1;
  return upload->size / upload->part_size + (upload->size % upload->part_size ? 1 : 0);
}

gboolean
streamer_storage_upload_takes_part (const StreamerStorageUpload *upload, guint number, guint64 size)
{
  guint64 n_parts;

  if (number == 0 || upload->part_size == 0)
    return FALSE;
  if (upload->size == STREAMER_SIZE_UNKNOWN)
    return size <= upload->part_size && (size > 0 || number == 1);
  n_parts = streamer_storage_upload_count_parts (upload);
  if (number < n_parts)
    return size == upload->part_size;
  return number == n_parts && size == upload->size - (n_parts - 1) * upload->part_size;
}

static void
part_clear (gpointer data)
{
  g_free (((StreamerStoragePart *) data)->etag);
}

GArray *
streamer_storage_parts_new (void)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (StreamerStoragePart));

  g_array_set_clear_func (parts, part_clear);
  return parts;
}

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  guint first = ((const StreamerStoragePart *) a)->number;
  guint second = ((const StreamerStoragePart *) b)->number;

  return first < second ? -1 : first > second;
}

void
streamer_storage_parts_sort (GArray *parts)
{
  g_array_sort (parts, compare_parts);
}

void
streamer_storage_object_free (StreamerStorageObject *object)
{
  g_free (object->etag);
  g_free (object->content_type);
  g_free (object);
}

void
streamer_signed_request_clear (StreamerSignedRequest *request)
{
  g_clear_pointer (&request->url, g_free);
  g_clear_pointer (&request->headers, g_strfreev);
}

const StreamerLimits *
streamer_storage_get_limits (StreamerStorage *self)
{
  return STREAMER_STORAGE_GET_IFACE (self)->get_limits (self);
}

const char *
streamer_storage_get_domain (StreamerStorage *self)
{
  return STREAMER_STORAGE_GET_IFACE (self)->get_domain (self);
}

gboolean
streamer_storage_is_public (StreamerStorage *self)
{
  return streamer_storage_get_domain (self) || STREAMER_STORAGE_GET_IFACE (self)->is_public (self);
}

const char *const *
streamer_storage_get_checksums (StreamerStorage *self)
{
  return STREAMER_STORAGE_GET_IFACE (self)->get_checksums (self);
}

void
streamer_storage_add_routes (StreamerStorage *self, StreamerHttpFront *front)
{
  if (STREAMER_STORAGE_GET_IFACE (self)->add_routes)
    STREAMER_STORAGE_GET_IFACE (self)->add_routes (self, front);
}

void
streamer_storage_sweep (StreamerStorage *self)
{
  if (STREAMER_STORAGE_GET_IFACE (self)->sweep)
    STREAMER_STORAGE_GET_IFACE (self)->sweep (self);
}

gboolean
streamer_storage_begin (StreamerStorage *self,
                        StreamerStorageUpload *upload,
                        const char *resume_id,
                        GError **error)
{
  return STREAMER_STORAGE_GET_IFACE (self)->begin (self, upload, resume_id, error);
}

gboolean
streamer_storage_presign (StreamerStorage *self,
                          const StreamerStorageUpload *upload,
                          guint number,
                          guint64 size,
                          const guint32 *crc32,
                          StreamerSignedRequest *request,
                          GError **error)
{
  return STREAMER_STORAGE_GET_IFACE (self)->presign (self, upload, number, size, crc32, request,
                                                     error);
}

GArray *
streamer_storage_list_parts (StreamerStorage *self,
                             const StreamerStorageUpload *upload,
                             GError **error)
{
  return STREAMER_STORAGE_GET_IFACE (self)->list_parts (self, upload, error);
}

StreamerStorageObject *
streamer_storage_finish (StreamerStorage *self,
                         const StreamerStorageUpload *upload,
                         GArray *parts,
                         const guint32 *crc32,
                         GError **error)
{
  return STREAMER_STORAGE_GET_IFACE (self)->finish (self, upload, parts, crc32, error);
}

gboolean
streamer_storage_cancel (StreamerStorage *self, const StreamerStorageUpload *upload, GError **error)
{
  return STREAMER_STORAGE_GET_IFACE (self)->cancel (self, upload, error);
}

StreamerStorageObject *
streamer_storage_stat (StreamerStorage *self, const char *key, GError **error)
{
  return STREAMER_STORAGE_GET_IFACE (self)->stat (self, key, error);
}

gboolean
streamer_storage_remove (StreamerStorage *self, const char *key, GError **error)
{
  return STREAMER_STORAGE_GET_IFACE (self)->remove (self, key, error);
}

char *
streamer_storage_link (StreamerStorage *self, const char *key, gint64 *expires, GError **error)
{
  const char *domain = streamer_storage_get_domain (self);

  if (domain && !expires)
    return streamer_key_to_url (domain, key);
  return STREAMER_STORAGE_GET_IFACE (self)->link (self, key, expires, error);
}
