/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-ledger.h"

#include <glib/gstdio.h>

#include "streamer-error.h"

#define N_THREADS 8

typedef struct
{
  char *folder;
  char *path;
  StreamerLedger *ledger;
} Fixture;

static void
open_ledger (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->ledger = streamer_ledger_open (fixture->path, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("streamer-ledger-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "ledger.db", NULL);
  open_ledger (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->ledger, streamer_ledger_close);
  for (gsize i = 0; i < 3; i++)
    {
      const char *const ends[] = { "", "-wal", "-shm" };
      g_autofree char *path = g_strconcat (fixture->path, ends[i], NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static StreamerStorageUpload *
make_upload (const char *principal, const char *key, guint64 size)
{
  StreamerStorageUpload *upload = streamer_storage_upload_new ();

  upload->principal = g_strdup (principal);
  upload->key = g_strdup (key);
  upload->size = size;
  upload->expires = g_get_real_time () / G_USEC_PER_SEC + 3600;
  return upload;
}

static gboolean
reserve (Fixture *fixture, StreamerStorageUpload *upload, const char *resume_id, guint64 quota)
{
  StreamerAllowance allowance = { .quota = quota, .open_uploads = 3 };
  g_autoptr (GError) error = NULL;
  gboolean is_new;

  if (streamer_ledger_reserve (fixture->ledger, upload, resume_id, &allowance, &is_new, &error))
    return TRUE;
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA);
  return FALSE;
}

/* As the storage would have begun it. */
static void
confirm (Fixture *fixture, StreamerStorageUpload *upload, const char *resume_id)
{
  g_autoptr (GError) error = NULL;

  g_free (upload->id);
  upload->id = g_strconcat ("id-", resume_id, NULL);
  g_assert_true (streamer_ledger_confirm (fixture->ledger, upload, resume_id, &error));
}

static void
settle (Fixture *fixture, StreamerStorageUpload *upload, guint64 size, const char *etag)
{
  StreamerStorageObject object = { .size = size, .etag = (char *) etag };
  gboolean is_known;

  g_assert_true (streamer_ledger_settle (fixture->ledger, upload, &object, &is_known, NULL));
  g_assert_true (is_known);
}

static void
store (Fixture *fixture, const char *principal, const char *key, guint64 size, const char *etag)
{
  g_autoptr (StreamerStorageUpload) upload = make_upload (principal, key, size);

  g_assert_true (reserve (fixture, upload, etag, G_MAXUINT64));
  confirm (fixture, upload, etag);
  settle (fixture, upload, size, etag);
}

static void
assert_usage (Fixture *fixture,
              const char *principal,
              guint64 stored,
              guint64 reserved,
              guint64 open_uploads)
{
  StreamerUsage usage;

  g_assert_true (streamer_ledger_get_usage (fixture->ledger, principal, &usage, NULL));
  g_assert_cmpuint (usage.stored, ==, stored);
  g_assert_cmpuint (usage.reserved, ==, reserved);
  g_assert_cmpuint (usage.open_uploads, ==, open_uploads);
}

/* What the storage has under each key is @object. */
static guint
resolve_all (Fixture *fixture, gint64 now, const StreamerStorageObject *object)
{
  g_autoptr (GPtrArray) doubts = streamer_ledger_list_doubts (fixture->ledger, now, NULL);

  for (guint i = 0; i < doubts->len; i++)
    g_assert_true (
        streamer_ledger_resolve (fixture->ledger, g_ptr_array_index (doubts, i), object, NULL));
  return doubts->len;
}

static gint64
later (gint64 seconds)
{
  return g_get_real_time () / G_USEC_PER_SEC + seconds;
}

static void
test_room_is_reserved_and_given_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) first = make_upload ("a", "k1", 60);
  g_autoptr (StreamerStorageUpload) second = make_upload ("a", "k2", 41);
  g_autoptr (StreamerStorageUpload) other = make_upload ("b", "k3", 100);

  g_assert_true (reserve (fixture, first, "r1", 100));
  g_assert_true (reserve (fixture, first, "r1", 100));
  assert_usage (fixture, "a", 0, 60, 1);
  g_assert_false (reserve (fixture, second, "r2", 100));
  assert_usage (fixture, "a", 0, 60, 1);
  g_assert_true (reserve (fixture, other, "r1", 100));
  confirm (fixture, first, "r1");
  g_assert_true (streamer_ledger_cancel (fixture->ledger, first, NULL));
  g_assert_true (streamer_ledger_cancel (fixture->ledger, first, NULL));
  assert_usage (fixture, "a", 0, 0, 0);
  g_assert_true (reserve (fixture, second, "r2", 100));
  confirm (fixture, second, "r2");
  settle (fixture, second, 41, "e");
  assert_usage (fixture, "a", 41, 0, 0);
  assert_usage (fixture, "b", 0, 100, 1);
}

static void
test_open_uploads_are_limited (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = make_upload ("a", "k", 0);

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *resume_id = g_strdup_printf ("r%u", i);

      g_assert_cmpint (reserve (fixture, upload, resume_id, G_MAXUINT64), ==, i < 3);
    }
  assert_usage (fixture, "a", 0, 0, 3);
}

static void
test_what_could_not_begin_is_withdrawn (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = make_upload ("a", "k", 60);

  g_assert_true (reserve (fixture, upload, "r1", 100));
  g_assert_true (streamer_ledger_withdraw (fixture->ledger, upload, "r1", NULL));
  assert_usage (fixture, "a", 0, 0, 0);
  /* Begun by another request meanwhile, it stays. */
  g_assert_true (reserve (fixture, upload, "r1", 100));
  confirm (fixture, upload, "r1");
  g_assert_true (streamer_ledger_withdraw (fixture->ledger, upload, "r1", NULL));
  assert_usage (fixture, "a", 0, 60, 1);
}

static void
test_resume_id_stands_for_one_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) upload = make_upload ("a", "k", 60);
  g_autoptr (StreamerStorageUpload) other = make_upload ("a", "k", 61);
  g_autoptr (GError) error = NULL;
  gboolean is_new;

  g_assert_true (reserve (fixture, upload, "r1", 100));
  g_assert_false (streamer_ledger_reserve (fixture->ledger, other, "r1",
                                           &streamer_allowance_unlimited, &is_new, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  assert_usage (fixture, "a", 0, 60, 1);
}

static void
test_pipes_reserve_with_each_part (Fixture *fixture, gconstpointer data)
{
  const StreamerAllowance allowance = { .quota = 100, .open_uploads = 3 };
  g_autoptr (StreamerStorageUpload) upload = make_upload ("a", "k", STREAMER_SIZE_UNKNOWN);
  g_autoptr (GError) error = NULL;

  g_assert_true (reserve (fixture, upload, "r1", 100));
  confirm (fixture, upload, "r1");
  assert_usage (fixture, "a", 0, 0, 1);
  g_assert_true (streamer_ledger_reserve_part (fixture->ledger, upload, 1, 40, &allowance, &error));
  g_assert_true (streamer_ledger_reserve_part (fixture->ledger, upload, 1, 30, &allowance, &error));
  g_assert_true (streamer_ledger_reserve_part (fixture->ledger, upload, 2, 50, &allowance, &error));
  assert_usage (fixture, "a", 0, 90, 1);
  g_assert_false (
      streamer_ledger_reserve_part (fixture->ledger, upload, 3, 11, &allowance, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_QUOTA);
  assert_usage (fixture, "a", 0, 90, 1);
  settle (fixture, upload, 70, "e");
  assert_usage (fixture, "a", 70, 0, 0);
}

static void
test_objects_belong_to_the_last_one (Fixture *fixture, gconstpointer data)
{
  store (fixture, "a", "k", 50, "e1");
  store (fixture, "b", "k", 70, "e2");
  assert_usage (fixture, "a", 0, 0, 0);
  assert_usage (fixture, "b", 70, 0, 0);
  store (fixture, "b", "k", 10, "e3");
  assert_usage (fixture, "b", 10, 0, 0);
}

static void
test_removing_gives_back (Fixture *fixture, gconstpointer data)
{
  gint64 version;

  store (fixture, "a", "k", 50, "e1");
  g_assert_true (streamer_ledger_begin_remove (fixture->ledger, "k", &version, NULL));
  assert_usage (fixture, "a", 50, 0, 0);
  g_assert_true (streamer_ledger_end_remove (fixture->ledger, "k", version, NULL));
  assert_usage (fixture, "a", 0, 0, 0);
  g_assert_true (streamer_ledger_begin_remove (fixture->ledger, "k", &version, NULL));
  g_assert_true (streamer_ledger_end_remove (fixture->ledger, "k", version, NULL));
  g_assert_cmpuint (resolve_all (fixture, later (0), NULL), ==, 0);
}

static void
test_killed_while_removing (Fixture *fixture, gconstpointer data)
{
  const StreamerStorageObject object = { .size = 50, .etag = (char *) "e1" };
  gint64 version;

  store (fixture, "a", "k", 50, "e1");
  g_assert_true (streamer_ledger_begin_remove (fixture->ledger, "k", &version, NULL));
  streamer_ledger_close (fixture->ledger);
  open_ledger (fixture);
  g_assert_cmpuint (resolve_all (fixture, later (0), &object), ==, 1);
  assert_usage (fixture, "a", 50, 0, 0);
  g_assert_true (streamer_ledger_begin_remove (fixture->ledger, "k", &version, NULL));
  streamer_ledger_close (fixture->ledger);
  open_ledger (fixture);
  g_assert_cmpuint (resolve_all (fixture, later (0), NULL), ==, 1);
  assert_usage (fixture, "a", 0, 0, 0);
}

static void
test_replaced_while_removing (Fixture *fixture, gconstpointer data)
{
  const StreamerStorageObject object = { .size = 70, .etag = (char *) "e2" };
  gint64 version;

  store (fixture, "a", "k", 50, "e1");
  g_assert_true (streamer_ledger_begin_remove (fixture->ledger, "k", &version, NULL));
  store (fixture, "b", "k", 70, "e2");
  g_assert_true (streamer_ledger_end_remove (fixture->ledger, "k", version, NULL));
  assert_usage (fixture, "b", 70, 0, 0);
  g_assert_cmpuint (resolve_all (fixture, later (0), &object), ==, 1);
  assert_usage (fixture, "b", 70, 0, 0);
  g_assert_cmpuint (resolve_all (fixture, later (0), NULL), ==, 0);
}

static void
test_reservations_outlive_a_crash_and_expire (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StreamerStorageUpload) begun = make_upload ("a", "k1", 60);
  g_autoptr (StreamerStorageUpload) lost = make_upload ("a", "k2", 30);

  g_assert_true (reserve (fixture, begun, "r1", 100));
  confirm (fixture, begun, "r1");
  g_assert_true (reserve (fixture, lost, "r2", 100));
  streamer_ledger_close (fixture->ledger);
  open_ledger (fixture);
  assert_usage (fixture, "a", 0, 90, 2);
  g_assert_cmpuint (resolve_all (fixture, later (0), NULL), ==, 0);
  assert_usage (fixture, "a", 0, 90, 2);
  /* What was never confirmed is there for minutes only. */
  g_assert_cmpuint (resolve_all (fixture, later (1800), NULL), ==, 0);
  assert_usage (fixture, "a", 0, 60, 1);
  g_assert_cmpuint (resolve_all (fixture, later (7200), NULL), ==, 1);
  assert_usage (fixture, "a", 0, 0, 0);
}

static void
test_killed_between_storing_and_settling (Fixture *fixture, gconstpointer data)
{
  const StreamerStorageObject mine = { .size = 60, .etag = (char *) "\"e1\"" };
  const StreamerStorageObject foreign = { .size = 50, .etag = (char *) "e9" };
  g_autoptr (StreamerStorageUpload) upload = make_upload ("a", "k1", 60);
  g_autoptr (StreamerStorageUpload) other = make_upload ("a", "k2", 40);

  g_assert_true (reserve (fixture, upload, "r1", 100));
  confirm (fixture, upload, "r1");
  streamer_ledger_close (fixture->ledger);
  open_ledger (fixture);
  g_assert_cmpuint (resolve_all (fixture, later (7200), &mine), ==, 1);
  assert_usage (fixture, "a", 60, 0, 0);

  g_assert_true (reserve (fixture, other, "r2", 100));
  confirm (fixture, other, "r2");
  g_assert_cmpuint (resolve_all (fixture, later (7200), &foreign), ==, 1);
  assert_usage (fixture, "a", 60, 0, 0);
}

/* Put at the store by a URL that still works, it is an object that nobody has finished. */
static void
test_held_uploads_count_until_nothing_can_come (Fixture *fixture, gconstpointer data)
{
  const StreamerStorageObject object = { .size = 60, .etag = (char *) "e1" };
  g_autoptr (StreamerStorageUpload) upload = make_upload ("a", "k", 60);
  gint64 version;

  g_assert_true (reserve (fixture, upload, "r1", 100));
  confirm (fixture, upload, "r1");
  g_assert_true (streamer_ledger_hold (fixture->ledger, upload, later (900), NULL));
  g_assert_true (streamer_ledger_cancel (fixture->ledger, upload, NULL));
  assert_usage (fixture, "a", 0, 60, 0);
  g_assert_cmpuint (resolve_all (fixture, later (0), &object), ==, 0);
  g_assert_cmpuint (resolve_all (fixture, later (1000), &object), ==, 1);
  assert_usage (fixture, "a", 60, 0, 0);

  /* Finished, removed, and put again. */
  g_assert_true (streamer_ledger_begin_remove (fixture->ledger, "k", &version, NULL));
  g_assert_true (streamer_ledger_end_remove (fixture->ledger, "k", version, NULL));
  g_assert_true (reserve (fixture, upload, "r2", 100));
  confirm (fixture, upload, "r2");
  g_assert_true (streamer_ledger_hold (fixture->ledger, upload, later (900), NULL));
  settle (fixture, upload, 60, "e1");
  assert_usage (fixture, "a", 60, 0, 0);
  g_assert_true (streamer_ledger_begin_remove (fixture->ledger, "k", &version, NULL));
  g_assert_true (streamer_ledger_end_remove (fixture->ledger, "k", version, NULL));
  assert_usage (fixture, "a", 0, 0, 0);
  g_assert_cmpuint (resolve_all (fixture, later (1000), &object), ==, 1);
  assert_usage (fixture, "a", 60, 0, 0);
}

typedef struct
{
  Fixture *fixture;
  guint number;
  guint n_reserved;
} Racer;

static gpointer
race (gpointer data)
{
  Racer *racer = data;
  const StreamerAllowance allowance = { .quota = 1000, .open_uploads = G_MAXUINT };

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *resume_id = g_strdup_printf ("%u-%u", racer->number, i);
      g_autoptr (StreamerStorageUpload) upload = make_upload ("a", resume_id, 7);
      gboolean is_new;

      if (!streamer_ledger_reserve (racer->fixture->ledger, upload, resume_id, &allowance, &is_new,
                                    NULL))
        continue;
      racer->n_reserved++;
      confirm (racer->fixture, upload, resume_id);
      if (i % 3 == 0)
        settle (racer->fixture, upload, 7, resume_id);
      else if (i % 3 == 1)
        {
          g_assert_true (streamer_ledger_cancel (racer->fixture->ledger, upload, NULL));
          racer->n_reserved--;
        }
    }
  return NULL;
}

static void
test_races_never_exceed_the_quota (Fixture *fixture, gconstpointer data)
{
  GThread *threads[N_THREADS];
  Racer racers[N_THREADS];
  StreamerUsage usage;
  guint n = 0;

  for (guint i = 0; i < N_THREADS; i++)
    {
      racers[i] = (Racer){ .fixture = fixture, .number = i };
      threads[i] = g_thread_new ("race", race, &racers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_thread_join (threads[i]);
      n += racers[i].n_reserved;
    }
  g_assert_true (streamer_ledger_get_usage (fixture->ledger, "a", &usage, NULL));
  /* 142 of 7 fit into 1000, and they were used up. */
  g_assert_cmpuint (n, ==, 142);
  g_assert_cmpuint (usage.stored + usage.reserved, ==, 142 * 7);
}

#define ADD(path, func) g_test_add ("/ledger/" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("room-is-reserved-and-given-back", test_room_is_reserved_and_given_back);
  ADD ("open-uploads-are-limited", test_open_uploads_are_limited);
  ADD ("what-could-not-begin-is-withdrawn", test_what_could_not_begin_is_withdrawn);
  ADD ("resume-id-stands-for-one-upload", test_resume_id_stands_for_one_upload);
  ADD ("pipes-reserve-with-each-part", test_pipes_reserve_with_each_part);
  ADD ("objects-belong-to-the-last-one", test_objects_belong_to_the_last_one);
  ADD ("removing-gives-back", test_removing_gives_back);
  ADD ("killed-while-removing", test_killed_while_removing);
  ADD ("replaced-while-removing", test_replaced_while_removing);
  ADD ("reservations-outlive-a-crash-and-expire", test_reservations_outlive_a_crash_and_expire);
  ADD ("killed-between-storing-and-settling", test_killed_between_storing_and_settling);
  ADD ("held-uploads-count-until-nothing-can-come", test_held_uploads_count_until_nothing_can_come);
  ADD ("races-never-exceed-the-quota", test_races_never_exceed_the_quota);
  return g_test_run ();
}
