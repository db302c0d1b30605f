/* fault-store.c: what a faulty server really has
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fault-store.h"

#include <string.h>

static FaultBytes *
bytes_new (GBytes *bytes)
{
  FaultBytes *self = g_new0 (FaultBytes, 1);

  self->bytes = g_bytes_ref (bytes);
  self->etag = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, bytes);
  return self;
}

static void
bytes_free (gpointer data)
{
  FaultBytes *self = data;

  g_bytes_unref (self->bytes);
  g_free (self->etag);
  g_free (self->mark);
  g_free (self);
}

static void
upload_free (gpointer data)
{
  FaultUpload *upload = data;

  g_free (upload->id);
  g_free (upload->key);
  g_free (upload->resume_id);
  g_free (upload->mark);
  g_tree_unref (upload->parts);
  g_clear_pointer (&upload->kept, g_hash_table_unref);
  g_free (upload);
}

static int
compare_numbers (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return GPOINTER_TO_INT (a) - GPOINTER_TO_INT (b);
}

FaultStore *
fault_store_new (void)
{
  FaultStore *store = g_new0 (FaultStore, 1);

  store->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, bytes_free);
  store->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, bytes_free);
  store->uploads = g_ptr_array_new_with_free_func (upload_free);
  store->violations = g_string_new (NULL);
  return store;
}

void
fault_store_free (FaultStore *store)
{
  g_hash_table_unref (store->files);
  g_hash_table_unref (store->objects);
  g_ptr_array_unref (store->uploads);
  g_string_free (store->violations, TRUE);
  g_free (store);
}

void
fault_store_expect (FaultStore *store, const char *key, GBytes *bytes)
{
  g_hash_table_replace (store->files, g_strdup (key), bytes_new (bytes));
}

void
fault_store_put_other (FaultStore *store, const char *key, GBytes *bytes)
{
  g_hash_table_replace (store->objects, g_strdup (key), bytes_new (bytes));
}

FaultUpload *
fault_store_begin (FaultStore *store, const char *key, const char *resume_id)
{
  gboolean is_second = FALSE;
  FaultUpload *upload;

  for (guint i = 0; resume_id != NULL && i < store->uploads->len; i++)
    {
      upload = store->uploads->pdata[i];
      if (g_strcmp0 (upload->resume_id, resume_id) != 0 || !g_str_equal (upload->key, key))
        continue;
      if (upload->open)
        return upload;
      is_second = TRUE;
    }
  upload = g_new0 (FaultUpload, 1);
  upload->number = store->uploads->len;
  /* With what has to be escaped in a query. */
  upload->id = g_strdup_printf ("2~upload.%u/+=", upload->number);
  upload->key = g_strdup (key);
  upload->resume_id = g_strdup (resume_id);
  upload->parts = g_tree_new_full (compare_numbers, NULL, NULL, bytes_free);
  upload->open = TRUE;
  upload->is_second = is_second;
  upload->resumed = store->healed;
  g_ptr_array_add (store->uploads, upload);
  return upload;
}

FaultUpload *
fault_store_find_upload (FaultStore *store, const char *id)
{
  for (guint i = 0; id != NULL && i < store->uploads->len; i++)
    {
      FaultUpload *upload = store->uploads->pdata[i];

      if (g_str_equal (upload->id, id))
        return upload;
    }
  return NULL;
}

void
fault_upload_keep (FaultUpload *upload, guint number)
{
  if (upload->kept == NULL)
    upload->kept = g_hash_table_new (NULL, NULL);
  g_hash_table_add (upload->kept, GUINT_TO_POINTER (number));
}

void
fault_upload_lose (FaultUpload *upload, guint number)
{
  if (upload->kept != NULL)
    g_hash_table_remove (upload->kept, GUINT_TO_POINTER (number));
}

static void
check_needed (FaultStore *store, const FaultUpload *upload, guint number)
{
  if (upload != NULL && upload->kept != NULL && !store->doubted &&
      g_hash_table_contains (upload->kept, GUINT_TO_POINTER (number)))
    g_string_append_printf (store->violations,
                            "Part %u of upload %u was sent again, although it was stored and "
                            "written down.\n",
                            number, upload->number);
}

const char *
fault_store_put_part (FaultStore *store, FaultUpload *upload, guint number, GBytes *bytes)
{
  FaultBytes *part = bytes_new (bytes);

  check_needed (store, upload, number);
  g_tree_replace (upload->parts, GUINT_TO_POINTER (number), part);
  return part->etag;
}

/* Whether another upload has done the same. */
static gboolean
was_made (FaultStore *store, const FaultUpload *upload)
{
  for (guint i = 0; i < store->uploads->len; i++)
    {
      const FaultUpload *other = store->uploads->pdata[i];

      if (other != upload && other->n_finishes > 0 && g_str_equal (other->key, upload->key))
        return TRUE;
    }
  return FALSE;
}

/* @object: (transfer full) */
static void
make_visible (FaultStore *store, const char *key, FaultUpload *upload, FaultBytes *object)
{
  const FaultBytes *file = g_hash_table_lookup (store->files, key);

  if (file == NULL || !g_bytes_equal (file->bytes, object->bytes))
    g_string_append_printf (store->violations,
                            "An object of %" G_GSIZE_FORMAT " bytes that is not the file appeared "
                            "under %s.\n",
                            g_bytes_get_size (object->bytes), key);
  if (upload != NULL && !upload->whole && ++upload->n_finishes > 1)
    g_string_append_printf (store->violations, "Upload %u was finished twice.\n", upload->number);
  if (upload != NULL && !upload->whole && !upload->resumed && was_made (store, upload))
    g_string_append_printf (store->violations, "Upload %u made %s a second time.\n", upload->number,
                            key);
  g_hash_table_replace (store->objects, g_strdup (key), object);
}

void
fault_store_mark (FaultStore *store, const char *key, const char *mark)
{
  FaultBytes *object = g_hash_table_lookup (store->objects, key);

  g_free (object->mark);
  object->mark = g_strdup (mark);
}

const FaultBytes *
fault_store_put_object (FaultStore *store, const char *key, FaultUpload *upload, GBytes *bytes)
{
  FaultBytes *object = bytes_new (bytes);

  check_needed (store, upload, 1);
  make_visible (store, key, upload, object);
  return object;
}

static gboolean
etag_is (const char *etag, const char *md5)
{
  g_autofree char *quoted = g_strconcat ("\"", md5, "\"", NULL);

  return g_str_equal (etag, md5) || g_str_equal (etag, quoted);
}

static void
update_with_hex (GChecksum *checksum, const char *hex)
{
  for (gsize i = 0; i < 32; i += 2)
    {
      guint8 byte =
          (guint8) (g_ascii_xdigit_value (hex[i]) * 16 + g_ascii_xdigit_value (hex[i + 1]));

      g_checksum_update (checksum, &byte, 1);
    }
}

const FaultBytes *
fault_store_finish (FaultStore *store, FaultUpload *upload, GArray *numbers, GPtrArray *etags)
{
  g_autoptr (GChecksum) md5 = g_checksum_new (G_CHECKSUM_MD5);
  g_autoptr (GByteArray) joined = g_byte_array_new ();
  FaultBytes *object;
  guint before = 0;

  for (guint i = 0; i < numbers->len; i++)
    {
      guint number = g_array_index (numbers, guint, i);
      const FaultBytes *part = g_tree_lookup (upload->parts, GUINT_TO_POINTER (number));

      if (number <= before || part == NULL || !etag_is (etags->pdata[i], part->etag))
        return NULL;
      before = number;
      g_byte_array_append (joined, g_bytes_get_data (part->bytes, NULL),
                           (guint) g_bytes_get_size (part->bytes));
      update_with_hex (md5, part->etag);
    }
  if (numbers->len == 0)
    return NULL;
  object = g_new0 (FaultBytes, 1);
  object->bytes = g_bytes_new (joined->data, joined->len);
  object->etag = g_strdup_printf ("%s-%u", g_checksum_get_string (md5), numbers->len);
  make_visible (store, upload->key, upload, object);
  upload->open = FALSE;
  return object;
}
