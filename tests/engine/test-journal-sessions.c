/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "journal-fixture.h"
#include "streamer-error.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PEER    "--peer"
#define N_PEERS 8

static const char *program;

/* -- another process, which does as it reads */

static void
answer (gboolean good, const GError *error)
{
  g_print ("%d\n", good ? -1 : error->code);
  fflush (stdout);
}

static void
obey (StreamerJournal *journal, const char *verb, const char *id)
{
  JournalFixture fixture = { .journal = journal };
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry (id);
  g_autoptr (GError) error = NULL;
  gboolean good = TRUE;
  gint64 number;

  if (g_str_equal (verb, "claim"))
    good = streamer_journal_claim_sync (journal, id, &error);
  else if (g_str_equal (verb, "begin"))
    journal_fixture_begin (&fixture, entry, 2500, 1000);
  else if (g_str_equal (verb, "release"))
    streamer_journal_release (journal, id);
  else if (g_str_equal (verb, "write"))
    {
      number = journal_fixture_begin (&fixture, entry, 500 * 1000, 1000);
      for (guint i = 1; i <= 500; i++)
        journal_fixture_store_part (&fixture, number, i, 1000);
    }
  if (good)
    good = streamer_journal_flush_sync (journal, &error);
  answer (good, error);
}

static int
be_peer (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerJournal) journal = streamer_journal_open (folder, &error);
  char verb[16], id[16];

  answer (journal != NULL, error);
  while (journal != NULL && scanf ("%15s %15s", verb, id) == 2)
    obey (journal, verb, id);
  return 0;
}

/* -- and what it looks like from here */

typedef struct
{
  GSubprocess *process;
  GDataInputStream *out;
} Peer;

static void
peer_free (Peer *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_object_unref (self->out);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

static Peer *
peer_new (JournalFixture *fixture)
{
  Peer *self = g_new0 (Peer, 1);
  g_autoptr (GError) error = NULL;

  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                    &error, program, PEER, fixture->folder, NULL);
  g_assert_no_error (error);
  self->out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  return self;
}

static void
peer_tell (Peer *self, const char *command)
{
  g_autofree char *line = g_strconcat (command, "\n", NULL);
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_subprocess_get_stdin_pipe (self->process), line, strlen (line), NULL,
                             NULL, &error);
  g_assert_no_error (error);
}

/* Returns: -1, or the error's code */
static int
peer_hear (Peer *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line (self->out, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (line);
  return atoi (line);
}

static int
peer_ask (Peer *self, const char *command)
{
  peer_tell (self, command);
  return peer_hear (self);
}

static Peer *
start_peer (JournalFixture *fixture)
{
  Peer *self = peer_new (fixture);

  g_assert_cmpint (peer_hear (self), ==, -1);
  return self;
}

static void
assert_owner (JournalFixture *fixture, const char *id, StreamerJournalOwner owner)
{
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_get (fixture, id);
  g_autoptr (GPtrArray) uploads = streamer_journal_list_uploads (fixture->journal, id, NULL);

  g_assert_cmpint (entry->owner, ==, owner);
  for (guint i = 0; i < uploads->len; i++)
    g_assert_cmpint (((StreamerJournalUpload *) uploads->pdata[i])->owner, ==, owner);
}

static void
assert_not_ours (JournalFixture *fixture, const char *id)
{
  g_autoptr (GPtrArray) uploads = streamer_journal_list_uploads (fixture->journal, id, NULL);
  g_autoptr (GError) error = NULL;

  assert_owner (fixture, id, STREAMER_JOURNAL_ANOTHER);
  g_assert_false (streamer_journal_claim_sync (fixture->journal, id, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_cmpuint (uploads->len, ==, 1);
  g_assert_false (streamer_journal_take_leftover_sync (
      fixture->journal, ((StreamerJournalUpload *) uploads->pdata[0])->number, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_EXISTS);
}

static void
test_killed (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (Peer) peer = start_peer (fixture);
  g_autoptr (GPtrArray) uploads = NULL;
  g_autoptr (GError) error = NULL;
  gint64 number;

  g_assert_cmpint (peer_ask (peer, "begin one"), ==, -1);
  assert_not_ours (fixture, "one");

  /* One that is stopped may go on at any time. */
  g_subprocess_send_signal (peer->process, SIGSTOP);
  assert_not_ours (fixture, "one");

  g_subprocess_force_exit (peer->process);
  g_subprocess_wait (peer->process, NULL, &error);
  g_assert_no_error (error);
  assert_owner (fixture, "one", STREAMER_JOURNAL_NOBODY);
  uploads = streamer_journal_list_uploads (fixture->journal, "one", &error);
  number = ((StreamerJournalUpload *) uploads->pdata[0])->number;
  g_assert_true (streamer_journal_take_leftover_sync (fixture->journal, number, &error));
  g_assert_true (streamer_journal_claim_sync (fixture->journal, "one", &error));
  g_assert_no_error (error);
  assert_owner (fixture, "one", STREAMER_JOURNAL_US);
  /* Again, it stays so. */
  g_assert_true (streamer_journal_claim_sync (fixture->journal, "one", &error));

  g_assert_false (streamer_journal_claim_sync (fixture->journal, "two", &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (streamer_journal_take_leftover_sync (fixture->journal, number + 1, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND);
}

static void
test_released (JournalFixture *fixture, gconstpointer data)
{
  g_autoptr (Peer) peer = start_peer (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (peer_ask (peer, "begin one"), ==, -1);
  g_assert_cmpint (peer_ask (peer, "release one"), ==, -1);
  assert_owner (fixture, "one", STREAMER_JOURNAL_NOBODY);
  g_assert_true (streamer_journal_claim_sync (fixture->journal, "one", &error));
  /* Now it is ours, and not for the other to take or to release. */
  g_assert_cmpint (peer_ask (peer, "claim one"), ==, STREAMER_ERROR_EXISTS);
  g_assert_cmpint (peer_ask (peer, "release one"), ==, -1);
  assert_owner (fixture, "one", STREAMER_JOURNAL_US);
  streamer_journal_release (fixture->journal, "one");
  journal_fixture_flush (fixture);
  g_assert_cmpint (peer_ask (peer, "claim one"), ==, -1);
  assert_not_ours (fixture, "one");
}

/* Of many that want it at the same time, one gets it. */
static void
test_claimed_at_once (JournalFixture *fixture, gconstpointer data)
{
  Peer *peers[N_PEERS];
  guint n_claimed = 0;

  journal_fixture_put (fixture, "one");
  streamer_journal_release (fixture->journal, "one");
  journal_fixture_flush (fixture);
  for (guint i = 0; i < N_PEERS; i++)
    peers[i] = start_peer (fixture);
  for (guint i = 0; i < N_PEERS; i++)
    peer_tell (peers[i], "claim one");
  for (guint i = 0; i < N_PEERS; i++)
    {
      int code = peer_hear (peers[i]);

      n_claimed += code == -1;
      g_assert_true (code == -1 || code == STREAMER_ERROR_EXISTS);
    }
  g_assert_cmpuint (n_claimed, ==, 1);
  for (guint i = 0; i < N_PEERS; i++)
    peer_free (peers[i]);
}

/* They begin with nothing, not even a folder. */
static void
test_opened_at_once (JournalFixture *fixture, gconstpointer data)
{
  JournalFixture below = { .folder = g_build_filename (fixture->folder, "a", "b", NULL) };
  Peer *peers[N_PEERS];

  for (guint i = 0; i < N_PEERS; i++)
    peers[i] = peer_new (&below);
  for (guint i = 0; i < N_PEERS; i++)
    g_assert_cmpint (peer_hear (peers[i]), ==, -1);
  for (guint i = 0; i < N_PEERS; i++)
    peer_free (peers[i]);
  g_free (below.folder);
}

static void
test_written_at_once (JournalFixture *fixture, gconstpointer data)
{
  static const char *const commands[] = { "write a", "write b", "write c" };
  Peer *peers[G_N_ELEMENTS (commands)];
  g_autoptr (GPtrArray) entries = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    peers[i] = start_peer (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    peer_tell (peers[i], commands[i]);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_assert_cmpint (peer_hear (peers[i]), ==, -1);
      peer_free (peers[i]);
    }
  entries = streamer_journal_list (fixture->journal, NULL);
  g_assert_cmpuint (entries->len, ==, G_N_ELEMENTS (commands));
  for (guint i = 0; i < entries->len; i++)
    g_assert_cmpuint (((StreamerJournalEntry *) entries->pdata[i])->sent, ==, 500 * 1000);
}

/* What another process has open is not moved away under it. */
static void
test_damaged_while_open (JournalFixture *fixture, gconstpointer data)
{
  g_autofree char *path = journal_fixture_path (fixture, "journal.db");
  g_autoptr (Peer) peer = start_peer (fixture);
  g_autoptr (GError) error = NULL;
  int fd;

  journal_fixture_close (fixture);
  journal_fixture_spoil (fixture, "PRAGMA wal_checkpoint (TRUNCATE)");
  fd = open (path, O_WRONLY);
  g_assert_cmpint (pwrite (fd, "Something else!!", 16, 0), ==, 16);
  close (fd);
  fixture->journal = streamer_journal_open (fixture->folder, &error);
  g_assert_null (fixture->journal);
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "damaged"));

  g_subprocess_force_exit (peer->process);
  g_subprocess_wait (peer->process, NULL, NULL);
  g_test_expect_message ("s3streamer-engine", G_LOG_LEVEL_WARNING, "A damaged journal is now *");
  journal_fixture_open (fixture);
  g_test_assert_expected_messages ();
  g_assert_nonnull (streamer_journal_get_set_aside (fixture->journal));
}

/* In one process they are as different as in two. */
static void
test_two_in_one (JournalFixture *fixture, gconstpointer data)
{
  JournalFixture other = { .folder = fixture->folder };
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");

  journal_fixture_begin (fixture, entry, 2500, 1000);
  journal_fixture_open (&other);
  assert_owner (fixture, "one", STREAMER_JOURNAL_US);
  assert_not_ours (&other, "one");
  journal_fixture_close (fixture);
  assert_owner (&other, "one", STREAMER_JOURNAL_NOBODY);
  journal_fixture_close (&other);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/journal-sessions/" path, JournalFixture, NULL, journal_fixture_set_up, function,   \
              journal_fixture_tear_down)

int
main (int argc, char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], PEER))
    return be_peer (argv[2]);
  program = argv[0];
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("what-a-killed-process-had-is-free-at-once", test_killed);
  ADD ("what-is-released-can-be-claimed", test_released);
  ADD ("only-one-claims", test_claimed_at_once);
  ADD ("many-open-a-new-one-at-the-same-time", test_opened_at_once);
  ADD ("many-write-at-the-same-time", test_written_at_once);
  ADD ("what-others-have-open-is-not-set-aside", test_damaged_while_open);
  ADD ("two-in-one-process-have-a-session-each", test_two_in_one);
  return g_test_run ();
}
