/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "journal-fixture.h"
#include "journal-script.h"
#include "journal-vfs.h"
#include "streamer-error.h"

#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* More tries than these would hide that it never ends. */
#define MAX_TRIES 5

typedef struct
{
  const char *name;
  JournalVfsCall calls;
  int code;
  int error;
} Kind;

static const Kind kinds[] = {
  { "full", JOURNAL_VFS_WRITE | JOURNAL_VFS_TRUNCATE, SQLITE_FULL, STREAMER_ERROR_NO_SPACE },
  { "write", JOURNAL_VFS_WRITE, SQLITE_IOERR_WRITE, STREAMER_ERROR_FAILED },
  { "sync", JOURNAL_VFS_SYNC, SQLITE_IOERR_FSYNC, STREAMER_ERROR_FAILED },
  { "truncate", JOURNAL_VFS_TRUNCATE, SQLITE_IOERR_TRUNCATE, STREAMER_ERROR_FAILED },
};

static void
assert_clear (const GError *error, int code)
{
  g_assert_error (error, STREAMER_ERROR, code);
  if (strstr (error->message, "journal.db") == NULL)
    g_error ("“%s” names no file", error->message);
}

/* Everything that was reported committed is there, for everybody, and nothing else. */
static void
assert_state (JournalScript *script, guint step)
{
  g_autofree char *state = journal_script_describe (script);

  g_assert_cmpstr (state, ==, script->expected->pdata[step]);
}

/* Goes on while there is a fault, which ends when it has gone on for long enough.
 * Returns: whether there was one */
static gboolean
run_with_fault (JournalScript *script, const Kind *kind, gboolean for_ever)
{
  gboolean has_failed = FALSE;

  for (guint step = 0; step < journal_script_n_steps; step++)
    {
      g_autoptr (GError) error = NULL;
      guint tries = 0;

      while (!journal_script_try (script, step, tries, &error))
        {
          assert_clear (error, kind->error);
          g_clear_error (&error);
          has_failed |= journal_vfs_has_failed ();
          g_assert_true (has_failed);
          g_assert_cmpuint (++tries, <=, MAX_TRIES);
          if (script->journal != NULL && step > 0)
            assert_state (script, step - 1);
          if (tries == MAX_TRIES)
            {
              g_assert_true (for_ever);
              if (script->journal != NULL)
                {
                  error = streamer_journal_dup_error (script->journal);
                  assert_clear (error, kind->error);
                  g_clear_error (&error);
                }
              journal_vfs_set_fault (NULL);
            }
        }
      assert_state (script, step);
      error = streamer_journal_dup_error (script->journal);
      g_assert_no_error (error);
    }
  return has_failed || journal_vfs_has_failed ();
}

static guint
run_once (const Kind *kind, guint nth, gboolean for_ever, GPtrArray *expected)
{
  g_autoptr (JournalScript) script = journal_script_new (expected);
  JournalVfsFault fault = {
    .calls = kind->calls,
    .nth = nth,
    .code = kind->code,
    .for_ever = for_ever,
  };
  gboolean has_failed;

  journal_vfs_set_fault (&fault);
  has_failed = run_with_fault (script, kind, for_ever);
  journal_vfs_set_fault (NULL);
  journal_script_reopen (script);
  assert_state (script, journal_script_n_steps - 1);
  g_assert_null (streamer_journal_get_set_aside (script->journal));
  return has_failed;
}

static GPtrArray *
run_without_fault (void)
{
  g_autoptr (GPtrArray) expected = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JournalScript) script = journal_script_new (NULL);

  journal_vfs_set_fault (NULL);
  for (guint step = 0; step < journal_script_n_steps; step++)
    {
      g_autoptr (GError) error = NULL;

      journal_script_try (script, step, 0, &error);
      g_assert_no_error (error);
      g_ptr_array_add (expected, journal_script_describe (script));
    }
  g_test_message ("%u steps: %u writes, %u syncs, %u truncations", journal_script_n_steps,
                  journal_vfs_count (JOURNAL_VFS_WRITE), journal_vfs_count (JOURNAL_VFS_SYNC),
                  journal_vfs_count (JOURNAL_VFS_TRUNCATE));
  return g_steal_pointer (&expected);
}

static void
test_fault (gconstpointer data)
{
  const Kind *kind = &kinds[GPOINTER_TO_UINT (data) / 2];
  gboolean for_ever = GPOINTER_TO_UINT (data) % 2;
  g_autoptr (GPtrArray) expected = run_without_fault ();
  guint nth = 1;

  while (run_once (kind, nth, for_ever, expected))
    nth++;
  g_test_message ("%s: %u faults", kind->name, nth - 1);
  g_assert_cmpuint (nth, >, (kind->calls == JOURNAL_VFS_TRUNCATE ? 1 : 20));
}

/* Runs the script in a process of its own. Returns: the last step that it has reported, or -1 */
static int
run_in_child (JournalScript *script, const JournalVfsFault *fault, gboolean *is_killed)
{
  int ends[2], status;
  int last = -1;
  guint8 step;
  pid_t child;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (ends[0]);
      journal_vfs_set_fault (fault);
      for (step = 0; step < journal_script_n_steps; step++)
        {
          g_autoptr (GError) error = NULL;

          for (guint tries = 0; !journal_script_try (script, step, tries, &error); tries++)
            {
              if (tries == MAX_TRIES)
                g_error ("Step %u, bad sync %u: %s", step, fault->bad_sync, error->message);
              g_clear_error (&error);
            }
          if (write (ends[1], &step, 1) != 1)
            _exit (5);
        }
      _exit (0);
    }
  close (ends[1]);
  while (read (ends[0], &step, 1) == 1)
    last = step;
  close (ends[0]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  *is_killed = WEXITSTATUS (status) == 9;
  if (!*is_killed)
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  return last;
}

/* The state is the one after one of these steps. */
static void
assert_state_between (JournalScript *script, int first, int last, const JournalVfsFault *fault)
{
  g_autofree char *state = NULL;

  journal_script_reopen (script);
  g_assert_null (streamer_journal_get_set_aside (script->journal));
  state = journal_script_describe (script);
  for (int step = MAX (first, 0); step <= last && step < (int) journal_script_n_steps; step++)
    if (g_str_equal (state, script->expected->pdata[step]))
      return;
  g_error ("Neither of the states after steps %d to %d, with nth %u, seed %u, bad sync %u:\n%s",
           first, last, fault->nth, fault->seed, fault->bad_sync, state);
}

/* What is surely on the disk when @step has been reported. */
static int
find_durable (int step)
{
  while (step > 0 && journal_script_is_hint (step))
    step--;
  return step;
}

static gboolean
run_until_end (GPtrArray *expected, const JournalVfsFault *fault)
{
  g_autoptr (JournalScript) script = journal_script_new (expected);
  gboolean is_killed;
  int last = run_in_child (script, fault, &is_killed);

  assert_state_between (script, fault->cuts_power ? find_durable (last) : last, last + 1, fault);
  return is_killed;
}

static void
test_kills (void)
{
  g_autoptr (GPtrArray) expected = run_without_fault ();
  JournalVfsFault fault = {
    .calls = JOURNAL_VFS_ANY,
    .nth = 1,
    .code = SQLITE_ABORT,
    .kills = TRUE,
  };

  while (run_until_end (expected, &fault))
    fault.nth++;
  g_test_message ("%u kills", fault.nth - 1);
  g_assert_cmpuint (fault.nth, >, 50);
}

static void
test_power_cuts (void)
{
  g_autoptr (GPtrArray) expected = run_without_fault ();
  JournalVfsFault fault = {
    .calls = JOURNAL_VFS_ANY,
    .nth = 1,
    .code = SQLITE_ABORT,
    .kills = TRUE,
    .cuts_power = TRUE,
  };

  for (fault.seed = 0; run_until_end (expected, &fault); fault.nth++)
    fault.seed = fault.nth % 3 == 0 ? 0 : fault.nth;
  g_test_message ("%u power cuts", fault.nth - 1);
  g_assert_cmpuint (fault.nth, >, 50);
}

/* A sync fails, and is not asked for the same again: what was written before it is in doubt. */
static void
test_power_cuts_after_bad_syncs (void)
{
  g_autoptr (GPtrArray) expected = run_without_fault ();
  guint n_cuts = 0;

  for (guint bad_sync = 1; bad_sync <= 30; bad_sync += 2)
    for (guint nth = 15 + bad_sync; nth < 160; nth += 13)
      {
        JournalVfsFault fault = {
          .calls = JOURNAL_VFS_ANY,
          .nth = nth,
          .code = SQLITE_ABORT,
          .kills = TRUE,
          .cuts_power = TRUE,
          .seed = nth % 2 ? nth * bad_sync : 0,
          .bad_sync = bad_sync,
        };

        n_cuts += run_until_end (expected, &fault);
      }
  g_test_message ("%u power cuts", n_cuts);
  g_assert_cmpuint (n_cuts, >, 50);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  journal_vfs_install ();
  for (guint i = 0; i < 2 * G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/journal-faults/nothing-is-lost-to-a-fault/%s-%s",
                                               kinds[i / 2].name, i % 2 ? "for-ever" : "once");

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_fault);
    }
  g_test_add_func ("/journal-faults/a-kill-leaves-the-state-before-a-write-or-after-it",
                   test_kills);
  g_test_add_func ("/journal-faults/a-power-cut-takes-nothing-but-parts", test_power_cuts);
  g_test_add_func ("/journal-faults/a-sync-that-failed-is-not-trusted",
                   test_power_cuts_after_bad_syncs);
  return g_test_run ();
}
