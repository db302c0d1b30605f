/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Schedules of faults, each made of a seed: whatever the network, the backend and the bucket do,
 * nothing is lost, nothing wrong is stored, nothing is left behind, and when all is well again
 * everything can be resumed to its end.
 *
 *   test-engine-schedules [--first SEED] [--share I/N]   many, or one share of them
 *   test-engine-schedules --seed SEED                    this one, with all that was asked for
 *   test-engine-schedules --shrink SEED                  and with no fault that is not needed
 *
 * SCHEDULES in the environment says how many they are in all.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fault-world.h"

#define N_SCHEDULES 10000
/* What a schedule may take of the time on the wall: it waits for nothing. */
#define MAX_SECONDS 60
#define BATCH       50

static gint64 first_seed = 1;
static char *share;    /* (nullable): "1/4" is the first quarter */
static char *replayed; /* (nullable) */
static char *shrunk;   /* (nullable) */

static const GOptionEntry options[] = {
  { "first", 0, 0, G_OPTION_ARG_INT64, &first_seed, NULL, NULL },
  { "share", 0, 0, G_OPTION_ARG_STRING, &share, NULL, NULL },
  { "seed", 0, 0, G_OPTION_ARG_STRING, &replayed, NULL, NULL },
  { "shrink", 0, 0, G_OPTION_ARG_STRING, &shrunk, NULL, NULL },
  { NULL },
};

static guint64 current_seed;

/* Only what a handler may call. */
static void
on_alarm (int signal_number)
{
  char text[64] = "\nstuck: --seed ";
  gsize length = strlen (text);
  char digits[24];
  gsize n = 0;

  for (guint64 rest = current_seed; n == 0 || rest > 0; rest /= 10)
    digits[n++] = (char) ('0' + rest % 10);
  while (n > 0)
    text[length++] = digits[--n];
  text[length++] = '\n';
  if (write (STDERR_FILENO, text, length) < 0)
    _exit (1);
  abort ();
}

static guint n_struck; /* schedules in which a fault did strike */
static guint n_overlaps;

static void
print_world (FaultWorld *world)
{
  g_autofree char *text = fault_world_to_string (world);
  g_autofree char *log = fault_server_dup_log (world->server);

  g_printerr ("%s%s%s", text, log, world->failures->str);
}

/* @script: (nullable): in place of the seed's. Returns: whether all was well */
static gboolean
run_schedule (guint64 seed, GArray *script, gboolean verbose)
{
  g_autoptr (FaultWorld) world = NULL;

  current_seed = seed;
  alarm (MAX_SECONDS);
  world = fault_world_new (seed, script);
  fault_world_begin (world);
  fault_world_run (world);
  fault_world_check (world, FALSE);
  fault_world_heal (world);
  fault_world_check (world, TRUE);
  alarm (0);
  n_struck += fault_server_get_n_struck (world->server) > 0;
  n_overlaps += fault_server_get_n_overlaps (world->server);
  /* Another run of the same seed may meet other moments. */
  if (verbose || (script == NULL && world->failures->len > 0))
    print_world (world);
  return world->failures->len == 0;
}

/* Takes faults away, one after the other, as long as it still fails. */
static void
shrink (guint64 seed)
{
  g_autoptr (FaultWorld) world = fault_world_new (seed, NULL);
  g_autoptr (GArray) script = g_array_ref (world->script);
  gboolean again = TRUE;

  while (again)
    {
      again = FALSE;
      for (guint i = 0; i < script->len; i++)
        {
          Fault *fault = &g_array_index (script, Fault, i);

          if (fault->dropped)
            continue;
          fault->dropped = TRUE;
          fault->dropped = !run_schedule (seed, script, FALSE);
          again = again || fault->dropped;
        }
    }
  if (run_schedule (seed, script, TRUE))
    g_printerr ("It does not fail.\n");
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
print_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", name, "comm", NULL);
      g_autofree char *comm = NULL;

      if (g_file_get_contents (path, &comm, NULL, NULL))
        g_printerr ("thread %s", comm);
    }
}

/* Threads that have no work end by themselves, soon. */
static void
check_resources (guint n_descriptors, guint n_threads)
{
  gint64 end = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  do
    {
      g_thread_pool_stop_unused_threads ();
      g_thread_yield ();
    }
  while (count_entries ("/proc/self/task") > n_threads && g_get_monotonic_time () < end);
  if (count_entries ("/proc/self/task") > n_threads)
    print_threads ();
  g_assert_cmpuint (count_entries ("/proc/self/task"), <=, n_threads);
  g_assert_cmpuint (count_entries ("/proc/self/fd"), <=, n_descriptors);
}

/* @first: (out): the seed of the first of ours
 * Returns: how many are ours */
static gint64
get_share (gint64 *first)
{
  const char *wanted = g_getenv ("SCHEDULES");
  gint64 all = wanted != NULL ? g_ascii_strtoll (wanted, NULL, 10) : N_SCHEDULES;
  int index = 1;
  int n_shares = 1;

  if (share != NULL && sscanf (share, "%d/%d", &index, &n_shares) != 2)
    g_error ("A share is I/N, and not %s.", share);
  g_assert_cmpint (all, >=, n_shares);
  g_assert_cmpint (index, >=, 1);
  g_assert_cmpint (index, <=, n_shares);
  *first = first_seed + all * (index - 1) / n_shares;
  return all * index / n_shares - all * (index - 1) / n_shares;
}

static void
test_nothing_is_lost (void)
{
  gint64 start = g_get_monotonic_time ();
  gint64 first;
  gint64 n_schedules = get_share (&first);
  gint64 n = 0;
  guint n_failed = 0;
  guint n_descriptors = 0;
  guint n_threads = 0;

  while (n < n_schedules)
    {
      n_failed += !run_schedule ((guint64) (first + n++), NULL, FALSE);
      if (n % BATCH != 0)
        continue;
      /* The first batch leaves behind what is made once. */
      if (n == BATCH)
        {
          g_thread_pool_stop_unused_threads ();
          n_descriptors = count_entries ("/proc/self/fd");
          n_threads = count_entries ("/proc/self/task");
        }
      check_resources (n_descriptors, n_threads);
    }
  g_test_message (
      "%" G_GINT64_FORMAT " schedules from seed %" G_GINT64_FORMAT " on in %" G_GINT64_FORMAT
      " ms, %u failed; faults struck in %u; %u times the server still "
      "had a part when it came again",
      n, first, (g_get_monotonic_time () - start) / 1000, n_failed, n_struck, n_overlaps);
  g_assert_cmpuint (n_struck, >=, n / 2);
  g_assert_cmpuint (n_failed, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  /* Nothing here is encrypted, and each worker would read all the certificates there are. */
  g_unsetenv ("SSL_CERT_FILE");
  g_test_init (&argc, &argv, NULL);
  fault_world_capture_log ();
  signal (SIGALRM, on_alarm);
  if (shrunk != NULL)
    {
      shrink (g_ascii_strtoull (shrunk, NULL, 10));
      return 0;
    }
  if (replayed != NULL)
    return !run_schedule (g_ascii_strtoull (replayed, NULL, 10), NULL, TRUE);
  g_test_add_func ("/schedules/nothing-is-lost", test_nothing_is_lost);
  return g_test_run ();
}
