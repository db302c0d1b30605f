/* fault-check.c: what must hold behind a schedule
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fault-world-private.h"

#include <glib/gstdio.h>
#include <string.h>

#include "streamer-error.h"
#include "streamer-s3-etag.h"
#include "streamer-s3-probe.h"

GPtrArray *
fault_world_list_uploads (FaultWorld *world)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *uploads;

  streamer_journal_flush_sync (world->journal, &error);
  g_assert_no_error (error);
  uploads = streamer_journal_list_uploads (world->journal, NULL, &error);
  g_assert_no_error (error);
  return uploads;
}

static gboolean
is_same (const FaultUpload *upload, const StreamerJournalUpload *journaled)
{
  const StreamerUnfinished unfinished = { .upload_id = upload->id };

  return journaled->upload_id != NULL && streamer_unfinished_is (&unfinished, journaled->upload_id);
}

/* -- when a run begins */

static gboolean
has_part (FaultStore *store, const FaultUpload *upload, const StreamerStoredPart *part)
{
  const FaultBytes *stored = upload->whole
                                 ? g_hash_table_lookup (store->objects, upload->key)
                                 : g_tree_lookup (upload->parts, GUINT_TO_POINTER (part->number));

  return stored != NULL && streamer_s3_etag_equal (stored->etag, part->etag);
}

static void
check_parts (FaultWorld *world,
             FaultStore *store,
             FaultUpload *upload,
             const StreamerJournalUpload *journaled)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) parts =
      streamer_journal_list_parts (world->journal, journaled->number, &error);
  guint n_kept = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < parts->len; i++)
    {
      const StreamerStoredPart *part = &g_array_index (parts, StreamerStoredPart, i);

      if (!has_part (store, upload, part))
        continue;
      fault_upload_keep (upload, part->number);
      n_kept++;
    }
  if (journaled->state == STREAMER_JOURNAL_UPLOAD_OPEN && !store->doubted &&
      (guint) g_tree_nnodes (upload->parts) > n_kept + world->n_workers * world->n_goes)
    fault_world_fail (world, "Of %d parts of upload %u only %u are written down.",
                      g_tree_nnodes (upload->parts), upload->number, n_kept);
}

void
fault_world_check_begun (FaultWorld *world)
{
  g_autoptr (GPtrArray) journaled = fault_world_list_uploads (world);
  FaultStore *store = fault_server_lock (world->server);

  for (guint i = 0; i < store->uploads->len; i++)
    for (guint j = 0; j < journaled->len; j++)
      {
        FaultUpload *upload = store->uploads->pdata[i];

        if (upload->open && is_same (upload, journaled->pdata[j]))
          check_parts (world, store, upload, journaled->pdata[j]);
      }
  fault_server_unlock (world->server);
}

/* -- when all has settled */

static void
check_object (FaultWorld *world, FaultStore *store, StreamerTransfer *transfer, gboolean healed)
{
  const char *key = streamer_transfer_get_key (transfer);
  const FaultBytes *file = g_hash_table_lookup (store->files, key);
  const FaultBytes *object = g_hash_table_lookup (store->objects, key);
  StreamerTransferState state = streamer_transfer_get_state (transfer);
  const GError *error = streamer_transfer_get_error (transfer);
  gboolean same = object != NULL && g_bytes_equal (object->bytes, file->bytes);

  if (state == STREAMER_TRANSFER_DONE && !same)
    fault_world_fail (world, "%s is done, and what is stored is not the file.", key);
  /* Whether the store has it then is a matter of moments. */
  if (state == STREAMER_TRANSFER_CANCELLED)
    return;
  if (state != STREAMER_TRANSFER_DONE && state != STREAMER_TRANSFER_WAITING && error == NULL)
    fault_world_fail (world, "%s is not done (state %u), and no error says why.", key, state);
  if (healed && state != STREAMER_TRANSFER_DONE)
    fault_world_fail (world, "%s is not done (state %u) although the server is well%s: %s", key,
                      state, same ? " and has the file" : "",
                      error != NULL ? error->message : "no error");
}

static gboolean
is_owned (const FaultUpload *upload, GPtrArray *journaled)
{
  for (guint i = 0; i < journaled->len; i++)
    {
      const StreamerJournalUpload *known = journaled->pdata[i];

      /* What was begun and never heard of is looked for under its key, or asked for once more. */
      if (is_same (upload, known) ||
          (known->upload_id == NULL && g_str_equal (known->key, upload->key)))
        return TRUE;
    }
  return FALSE;
}

/* What no client can help. */
static gboolean
is_excused (const FaultUpload *upload)
{
  /* Has no bytes, and never will: a store that was asked what it can, and then not heard of. */
  if (g_str_equal (upload->key, STREAMER_S3_PROBE_KEY))
    return TRUE;
  /* A request that was still on its way when its sender had gone, and looked for what it had begun;
   * or had asked once more, and finished what came of that. */
  return upload->late && (upload->resume_id == NULL || upload->is_second);
}

static void
check_uploads (FaultWorld *world, FaultStore *store, gboolean healed)
{
  g_autoptr (GPtrArray) journaled = fault_world_list_uploads (world);

  for (guint i = 0; i < store->uploads->len; i++)
    {
      const FaultUpload *upload = store->uploads->pdata[i];

      if (upload->open && (healed || !is_owned (upload, journaled)) && !is_excused (upload))
        fault_world_fail (world, "Upload %u of %s (%s) is left in the store%s.", upload->number,
                          upload->key, upload->told ? "told" : "not told",
                          healed ? "" : ", and the journal does not know it");
    }
  for (guint i = 0; healed && i < journaled->len; i++)
    {
      const StreamerJournalUpload *upload = journaled->pdata[i];

      fault_world_fail (world, "The journal still has an upload of %s (%s, state %u, owner %u).",
                        upload->key, upload->upload_id, upload->state, upload->owner);
    }
}

static void
check_text (FaultWorld *world, const char *where, const char *text, gsize length)
{
  g_autofree char *secret = fault_server_find_secret (world->server, text, length);

  if (secret != NULL)
    fault_world_fail (world, "A secret is in %s: %s", where, secret);
}

void
fault_world_check_folder (FaultWorld *world)
{
  g_autoptr (GDir) dir = g_dir_open (world->state, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (world->state, name, NULL);
      g_autofree char *bytes = NULL;
      gsize length;

      if (g_file_get_contents (path, &bytes, &length, NULL))
        check_text (world, name, bytes, length);
    }
}

void
fault_world_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  if (dir != NULL)
    g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
check_secrets (FaultWorld *world, gboolean healed)
{
  g_autofree char *log = fault_world_dup_log ();

  check_text (world, "the log", log, strlen (log));
  /* A log of SQLite's keeps what was in it. */
  if (healed)
    fault_world_check_folder (world);
  for (guint i = 0; i < fault_world_count (world); i++)
    {
      const GError *error = streamer_transfer_get_error (fault_world_get (world, i));

      if (error != NULL)
        check_text (world, "an error", error->message, strlen (error->message));
    }
}

void
fault_world_check (FaultWorld *world, gboolean healed)
{
  FaultStore *store;

  if (fault_world_count (world) != world->keys->len)
    fault_world_fail (world, "There are %u transfers for %u files.", fault_world_count (world),
                      world->keys->len);
  store = fault_server_lock (world->server);
  if (store->violations->len > 0)
    fault_world_fail (world, "%s", store->violations->str);
  g_string_truncate (store->violations, 0);
  for (guint i = 0; i < fault_world_count (world); i++)
    check_object (world, store, fault_world_get (world, i), healed);
  check_uploads (world, store, healed);
  fault_server_unlock (world->server);
  check_secrets (world, healed);
}
