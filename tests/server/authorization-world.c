/* authorization-world.c: what is there when somebody asks, and what is there then
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything here goes past the request API: to the storage, or to its folder.
 */

#include "authorization-world.h"

#include <glib/gstdio.h>
#include <string.h>

#include "server-fixture.h"
#include "streamer-folder-storage.h"
#include "streamer-staged-name.h"
#include "streamer-staged-sink.h"
#include "streamer-staging-storage.h"
#include "streamer-upload-id.h"

static const char *const always_there[] = { "kept", "other-team/kept", "other-team/below/kept" };

static void
list_objects (const char *folder, const char *below, GHashTable *objects)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *key = g_strconcat (below, name, NULL);
      GStatBuf status;

      g_assert_cmpint (g_lstat (path, &status), ==, 0);
      if (S_ISDIR (status.st_mode))
        {
          g_autofree char *inner = g_strconcat (key, "/", NULL);

          list_objects (path, inner, objects);
        }
      else
        g_hash_table_insert (objects, g_steal_pointer (&key), GINT_TO_POINTER (status.st_size));
    }
}

static guint
count_files (HandlerFixture *fixture, const char *folder)
{
  g_autofree char *path = g_build_filename (fixture->root, folder, NULL);
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  list_objects (path, "", files);
  return g_hash_table_size (files);
}

void
snapshot_take (HandlerFixture *fixture, Snapshot *snapshot)
{
  g_autofree char *path = g_build_filename (fixture->root, "objects", NULL);

  snapshot->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  list_objects (path, "", snapshot->objects);
  snapshot->n_uploads = count_files (fixture, "uploads");
  snapshot->n_staged = count_files (fixture, "staged");
}

void
snapshot_clear (Snapshot *snapshot)
{
  g_clear_pointer (&snapshot->objects, g_hash_table_unref);
}

static gboolean
has_same_objects (GHashTable *a, GHashTable *b)
{
  GHashTableIter iter;
  gpointer key, size, other;

  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &key, &size))
    if (!g_hash_table_lookup_extended (b, key, NULL, &other) || other != size)
      return FALSE;
  return g_hash_table_size (a) == g_hash_table_size (b);
}

gboolean
snapshot_is_followed (const Snapshot *before,
                      const Snapshot *after,
                      const OracleCase *asked,
                      const OracleVerdict *verdict)
{
  gint uploads = before->n_uploads, staged = before->n_staged;

  switch (verdict->effect)
    {
    case EFFECT_NONE:
      break;
    case EFFECT_BEGUN:
      uploads++;
      break;
    case EFFECT_STORED:
      uploads--;
      g_hash_table_insert (before->objects, g_strdup (asked->upload_key),
                           GINT_TO_POINTER (WORLD_NEW_SIZE));
      break;
    case EFFECT_ENDED:
      uploads--;
      break;
    case EFFECT_REMOVED:
      g_hash_table_remove (before->objects, asked->key);
      break;
    case EFFECT_ADDED:
    case EFFECT_DISCARDED:
      staged--;
      break;
    }
  return (gint) after->n_uploads == uploads && (gint) after->n_staged == staged &&
         has_same_objects (before->objects, after->objects);
}

static char *
get_path (HandlerFixture *fixture, const char *key)
{
  return g_build_filename (fixture->root, "objects", key, NULL);
}

void
world_put (HandlerFixture *fixture, const char *key)
{
  g_autofree char *path = get_path (fixture, key);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents_full (path, "old", WORLD_OLD_SIZE, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

gboolean
world_has (HandlerFixture *fixture, const char *key)
{
  g_autofree char *path = get_path (fixture, key);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

static gboolean
is_always_there (const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (always_there); i++)
    if (strcmp (always_there[i], key) == 0)
      return TRUE;
  return FALSE;
}

static void
remove_object (HandlerFixture *fixture, const char *key)
{
  g_autofree char *root = get_path (fixture, "");
  g_autofree char *path = get_path (fixture, key);

  g_assert_cmpint (g_unlink (path), ==, 0);
  for (;;)
    {
      char *slash = strrchr (path, '/');

      *slash = '\0';
      if (strlen (path) < strlen (root) || g_rmdir (path) != 0)
        return;
    }
}

void
world_reset (HandlerFixture *fixture)
{
  g_auto (Snapshot) now = { 0 };
  GHashTableIter iter;
  gpointer key, size;

  snapshot_take (fixture, &now);
  g_hash_table_iter_init (&iter, now.objects);
  while (g_hash_table_iter_next (&iter, &key, &size))
    if (!is_always_there (key) || GPOINTER_TO_INT (size) != WORLD_OLD_SIZE)
      {
        remove_object (fixture, key);
        g_hash_table_iter_remove (&iter);
      }
  for (gsize i = 0; i < G_N_ELEMENTS (always_there); i++)
    if (!g_hash_table_contains (now.objects, always_there[i]))
      world_put (fixture, always_there[i]);
}

/* Posts the bytes of a part. Returns: (transfer full): the key of the temporary object */
static char *
stage (HandlerFixture *fixture, const char *name, const char *part_name, char **etag)
{
  g_autofree char *key = streamer_staged_name_make (fixture->seal, name, part_name, NULL);
  const StreamerPostGrant grant = { .key = key,
                                    .principal = (char *) name,
                                    .is_staged = TRUE,
                                    .overwrite = TRUE,
                                    .max_size = WORLD_NEW_SIZE,
                                    .max_staged = G_MAXINT64,
                                    .expires = G_MAXINT64 };
  g_autoptr (GBytes) bytes = make_bytes (WORLD_NEW_SIZE, 1);
  g_autoptr (StreamerStagedSink) sink = NULL;
  g_autofree char *quoted = NULL;
  g_autoptr (GError) error = NULL;

  sink = streamer_staged_sink_open (STREAMER_FOLDER_STORAGE (fixture->folder), &grant, &error);
  g_assert_no_error (error);
  g_assert_true (
      streamer_staged_sink_write (sink, g_bytes_get_data (bytes, NULL), WORLD_NEW_SIZE, &error));
  quoted = streamer_staged_sink_commit (sink, &error);
  g_assert_no_error (error);
  if (etag)
    *etag = g_strndup (quoted + 1, strlen (quoted) - 2);
  return g_steal_pointer (&key);
}

/* Sends the only part, so that the upload can be finished. */
static void
fill (HandlerFixture *fixture, WorldUpload *world, gboolean is_old, const char *owner)
{
  g_auto (StreamerSignedRequest) request = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  if (is_old)
    {
      g_autofree char *key = stage (fixture, owner, "filled", &world->etag);

      streamer_staging_storage_add (STREAMER_STAGING_STORAGE (fixture->storage), world->upload, 1,
                                    key, &error);
      g_assert_no_error (error);
      streamer_staging_storage_discard (STREAMER_STAGING_STORAGE (fixture->storage), key, NULL);
      return;
    }
  streamer_storage_presign (fixture->storage, world->upload, 1, WORLD_NEW_SIZE, NULL, &request,
                            &error);
  g_assert_no_error (error);
  url = g_strconcat ("http://a", request.url, NULL);
  handler_fixture_put (fixture, url, WORLD_NEW_SIZE);
}

static void
begin (HandlerFixture *fixture, WorldUpload *world, const char *owner, const OracleCase *asked)
{
  g_autofree char *resume_id = g_uuid_string_random ();
  gboolean is_old = (asked->action->version == 1) != (asked->upload == UPLOAD_OTHER_VERSION);
  gint64 expires;
  g_autoptr (GError) error = NULL;

  world->upload = streamer_storage_upload_new ();
  world->upload->principal = g_strdup (owner);
  world->upload->key = g_strdup (asked->upload_key);
  world->upload->size = WORLD_NEW_SIZE;
  world->upload->part_size = is_old ? 0 : 100;
  world->upload->content_type = g_strdup ("text/plain");
  world->upload->overwrite = asked->upload_replaces;
  streamer_storage_begin (fixture->storage, world->upload, resume_id, &error);
  g_assert_no_error (error);
  if (asked->action->effect == EFFECT_STORED)
    fill (fixture, world, is_old, owner);
  if (asked->upload == UPLOAD_ENDED)
    g_assert_true (streamer_storage_cancel (fixture->storage, world->upload, &error));
  expires = world->upload->expires;
  if (asked->upload == UPLOAD_EXPIRED)
    world->upload->expires = g_get_real_time () / G_USEC_PER_SEC - 1;
  world->id = streamer_upload_id_close (fixture->seal, world->upload);
  world->upload->expires = expires;
}

static void
choose_part (HandlerFixture *fixture, WorldUpload *world, const char *name, const OracleCase *asked)
{
  gboolean is_foreign = asked->staged == STAGED_FOREIGN || asked->staged == STAGED_FOREIGN_BY_KEY;

  if (is_foreign)
    world->foreign_key = stage (fixture, world->foreigner, "/tmp/part.1", NULL);
  else
    world->own_key = stage (fixture, name, "/tmp/part.1", NULL);
  if (asked->staged == STAGED_OWN_BY_KEY)
    world->part_name = g_strdup (world->own_key);
  else if (asked->staged == STAGED_FOREIGN_BY_KEY)
    world->part_name = g_strdup (world->foreign_key);
  else if (asked->action->subject == SUBJECT_STAGED)
    world->part_name = g_strdup ("tmp//tmp/part.1");
  else
    world->part_name = g_strdup ("/tmp/part.1");
}

void
world_begin (HandlerFixture *fixture, WorldUpload *world, const char *name, const OracleCase *asked)
{
  /* A name that begins with the other one. */
  world->foreigner = g_strconcat (name, "0", NULL);
  if (asked->action->subject == SUBJECT_UPLOAD && asked->upload != UPLOAD_NONE)
    begin (fixture, world, asked->upload == UPLOAD_FOREIGN ? world->foreigner : name, asked);
  else
    world->id = g_strdup ("");
  if (asked->upload == UPLOAD_FORGED && *world->id)
    {
      char *middle = world->id + strlen (world->id) / 2;

      *middle = *middle == 'A' ? 'B' : 'A';
    }
  if (asked->action->subject == SUBJECT_STAGED || asked->action->effect == EFFECT_ADDED)
    choose_part (fixture, world, name, asked);
}

void
world_end (HandlerFixture *fixture, WorldUpload *world)
{
  StreamerStagingStorage *staging = STREAMER_STAGING_STORAGE (fixture->storage);

  if (world->upload)
    streamer_storage_cancel (fixture->storage, world->upload, NULL);
  if (world->own_key)
    streamer_staging_storage_discard (staging, world->own_key, NULL);
  if (world->foreign_key)
    streamer_staging_storage_discard (staging, world->foreign_key, NULL);
  g_clear_pointer (&world->upload, streamer_storage_upload_free);
  g_free (world->id);
  g_free (world->etag);
  g_free (world->part_name);
  g_free (world->own_key);
  g_free (world->foreign_key);
  g_free (world->foreigner);
}

void
world_cancel (HandlerFixture *fixture, const char *name, const char *upload_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerStorageUpload) upload =
      streamer_upload_id_open (fixture->seal, upload_id, name, &error);

  g_assert_no_error (error);
  g_assert_true (streamer_storage_cancel (fixture->storage, upload, &error));
}
