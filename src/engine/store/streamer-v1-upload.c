/* streamer-v1-upload.c: what version 1 of the request API knows of an upload
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-v1-upload.h"

#include <string.h>

/* Begins the upload ids of this version, and divides them; no id of version 2 has it. */
#define ID_PREFIX  "1\t"
#define ID_DIVIDER '\t'

#define MAX_STEM_CHARS 64
#define MAX_EXT_CHARS  16

/* The folder of temporary files in old clients. */
#define NAME_PREFIX "/tmp/"

/* Guarded by the upload's lock. */
typedef struct
{
  gboolean from_start; /* all that was ever tried is in @tried */
  GHashTable *tried;   /* (owned): numbers */
  GHashTable *posted;  /* (owned): number → StreamerStoredPart */
  GHashTable *refused; /* (owned): numbers */
  gboolean completing;
  gboolean completed;
  guint n_untidy;
} Memory;

static void
part_free (gpointer data)
{
  streamer_stored_part_clear (data);
  g_free (data);
}

static void
memory_free (gpointer data)
{
  Memory *memory = data;

  g_hash_table_unref (memory->tried);
  g_hash_table_unref (memory->posted);
  g_hash_table_unref (memory->refused);
  g_free (memory);
}

static Memory *
lock_memory (StreamerUpload *upload)
{
  g_mutex_lock (&upload->lock);
  if (upload->priv == NULL)
    {
      Memory *memory = g_new0 (Memory, 1);

      memory->tried = g_hash_table_new (NULL, NULL);
      memory->posted = g_hash_table_new_full (NULL, NULL, NULL, part_free);
      memory->refused = g_hash_table_new (NULL, NULL);
      upload->priv = memory;
      upload->priv_destroy = memory_free;
    }
  return upload->priv;
}

static void
unlock_memory (StreamerUpload *upload)
{
  g_mutex_unlock (&upload->lock);
}

/* Plain ASCII: names go through queries, forms and copy sources of programs that we do not know. */
static char *
make_plain (const char *text, gssize length, gsize max_chars)
{
  g_autofree char *plain = g_strndup (text, length < 0 ? strlen (text) : (gsize) length);

  g_strcanon (plain, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-", '-');
  return g_strndup (plain, max_chars);
}

static char *
make_base (StreamerUpload *upload)
{
  static const char letters[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS;
  const char *slash = strrchr (upload->key, '/');
  const char *name = slash != NULL ? slash + 1 : upload->key;
  const char *dot = strrchr (name, '.');
  g_autofree char *stem = NULL;
  g_autofree char *ext = NULL;
  char drawn[6] = "";

  if (dot == name || (dot != NULL && dot[1] == '\0'))
    dot = NULL;
  stem = make_plain (name, dot != NULL ? dot - name : -1, MAX_STEM_CHARS);
  ext = make_plain (dot != NULL ? dot + 1 : "bin", -1, MAX_EXT_CHARS);
  for (gsize i = 0; i < sizeof drawn - 1; i++)
    drawn[i] = letters[g_random_int_range (0, sizeof letters - 1)];
  return g_strdup_printf (NAME_PREFIX "%s-%s_%" G_GINT64_FORMAT "_%s.%s", stem, upload->resume_id,
                          g_get_real_time () / G_USEC_PER_SEC, drawn, ext);
}

void
streamer_v1_upload_begin (StreamerUpload *upload, const char *id)
{
  g_autofree char *base = make_base (upload);

  lock_memory (upload)->from_start = TRUE;
  g_free (upload->upload_id);
  upload->upload_id = g_strdup_printf (ID_PREFIX "%s%c%s", base, ID_DIVIDER, id);
  unlock_memory (upload);
}

gboolean
streamer_v1_upload_has_begun (StreamerUpload *upload)
{
  return upload->upload_id != NULL && g_str_has_prefix (upload->upload_id, ID_PREFIX) &&
         strchr (upload->upload_id + strlen (ID_PREFIX), ID_DIVIDER) != NULL;
}

const char *
streamer_v1_upload_get_id (StreamerUpload *upload)
{
  g_assert (streamer_v1_upload_has_begun (upload));
  return strchr (upload->upload_id + strlen (ID_PREFIX), ID_DIVIDER) + 1;
}

char *
streamer_v1_upload_get_part_name (StreamerUpload *upload, guint number)
{
  const char *base = upload->upload_id + strlen (ID_PREFIX);
  const char *end = streamer_v1_upload_get_id (upload) - 1;

  return g_strdup_printf ("%.*s.%u", (int) (end - base), base, number);
}

char *
streamer_v1_upload_get_part_key (StreamerUpload *upload, guint number)
{
  g_autofree char *name = streamer_v1_upload_get_part_name (upload, number);

  return g_strconcat (STREAMER_V1_TEMPORARY_PREFIX, name, NULL);
}

void
streamer_v1_upload_set_tried (StreamerUpload *upload, guint number)
{
  g_hash_table_add (lock_memory (upload)->tried, GUINT_TO_POINTER (number));
  unlock_memory (upload);
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint first = *(const guint *) a;
  guint second = *(const guint *) b;

  return first < second ? -1 : first > second;
}

GArray *
streamer_v1_upload_get_tried (StreamerUpload *upload)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  Memory *memory = lock_memory (upload);
  GHashTableIter iter;
  gpointer key;

  /* What an earlier run of the program tried is not known. */
  if (!memory->from_start)
    {
      for (guint number = 1; number <= upload->n_parts; number++)
        g_hash_table_add (memory->tried, GUINT_TO_POINTER (number));
      memory->from_start = TRUE;
    }
  g_hash_table_iter_init (&iter, memory->tried);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      guint number = GPOINTER_TO_UINT (key);

      g_array_append_val (numbers, number);
    }
  unlock_memory (upload);

  g_array_sort (numbers, compare_numbers);
  return numbers;
}

void
streamer_v1_upload_set_deleted (StreamerUpload *upload, const guint *numbers, guint n)
{
  Memory *memory = lock_memory (upload);

  for (guint i = 0; i < n; i++)
    {
      gpointer number = GUINT_TO_POINTER (numbers[i]);

      g_hash_table_remove (memory->tried, number);
      g_hash_table_remove (memory->posted, number);
    }
  unlock_memory (upload);
}

static StreamerStoredPart
part_copy (const StreamerStoredPart *part)
{
  StreamerStoredPart copy = *part;

  copy.etag = g_strdup (part->etag);
  return copy;
}

void
streamer_v1_upload_set_posted (StreamerUpload *upload, const StreamerStoredPart *part)
{
  Memory *memory = lock_memory (upload);
  StreamerStoredPart copy = part_copy (part);

  g_hash_table_replace (memory->posted, GUINT_TO_POINTER (part->number),
                        g_memdup2 (&copy, sizeof copy));
  g_hash_table_remove (memory->refused, GUINT_TO_POINTER (part->number));
  unlock_memory (upload);
}

gboolean
streamer_v1_upload_find_posted (StreamerUpload *upload,
                                guint number,
                                guint64 size,
                                StreamerStoredPart *part)
{
  Memory *memory = lock_memory (upload);
  const StreamerStoredPart *posted =
      g_hash_table_lookup (memory->posted, GUINT_TO_POINTER (number));
  gboolean found = posted != NULL && posted->size == size;

  if (found)
    *part = part_copy (posted);
  unlock_memory (upload);
  return found;
}

void
streamer_v1_upload_forget_posted (StreamerUpload *upload, guint number)
{
  g_hash_table_remove (lock_memory (upload)->posted, GUINT_TO_POINTER (number));
  unlock_memory (upload);
}

gboolean
streamer_v1_upload_set_refused (StreamerUpload *upload, guint number)
{
  gboolean again = !g_hash_table_add (lock_memory (upload)->refused, GUINT_TO_POINTER (number));

  unlock_memory (upload);
  return again;
}

gboolean
streamer_v1_upload_set_completing (StreamerUpload *upload)
{
  Memory *memory = lock_memory (upload);
  gboolean before = memory->completing || upload->finish_asked;

  memory->completing = TRUE;
  unlock_memory (upload);
  return before;
}

void
streamer_v1_upload_set_completed (StreamerUpload *upload)
{
  lock_memory (upload)->completed = TRUE;
  unlock_memory (upload);
}

gboolean
streamer_v1_upload_is_completed (StreamerUpload *upload)
{
  gboolean completed = lock_memory (upload)->completed;

  unlock_memory (upload);
  return completed;
}

guint
streamer_v1_upload_count_untidy (StreamerUpload *upload)
{
  guint n_untidy = ++lock_memory (upload)->n_untidy;

  unlock_memory (upload);
  return n_untidy;
}
