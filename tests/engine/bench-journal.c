/* bench-journal.c: what a part costs in the journal, on the disk of the temporary folder
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "journal-fixture.h"

#include <stdlib.h>
#include <sys/resource.h>

#define N_PARTS 10000

typedef struct
{
  JournalFixture *fixture;
  gint64 number;
  guint first;
  guint n;
} Worker;

static double
get_processor_seconds (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  for (guint i = 0; i < worker->n; i++)
    journal_fixture_store_part (worker->fixture, worker->number, worker->first + i, 1000);
  return NULL;
}

static void
measure (guint n_workers)
{
  JournalFixture fixture = { 0 };
  g_autoptr (StreamerJournalEntry) entry = journal_fixture_make_entry ("one");
  g_autofree Worker *workers = g_new0 (Worker, n_workers);
  g_autofree GThread **threads = g_new0 (GThread *, n_workers);
  gint64 start, number;
  double processor;

  journal_fixture_set_up (&fixture, NULL);
  number = journal_fixture_begin (&fixture, entry, N_PARTS * 1000, 1000);
  g_assert_true (streamer_journal_begun_sync (fixture.journal, number, "id", NULL));
  processor = get_processor_seconds ();
  start = g_get_monotonic_time ();
  for (guint i = 0; i < n_workers; i++)
    {
      guint first = N_PARTS * i / n_workers;

      workers[i] = (Worker){ &fixture, number, first + 1, N_PARTS * (i + 1) / n_workers - first };
      threads[i] = g_thread_new ("worker", work, &workers[i]);
    }
  for (guint i = 0; i < n_workers; i++)
    g_thread_join (threads[i]);
  g_print ("%3u workers: %7.1f us a part, %6.1f us of a processor\n", n_workers,
           (double) (g_get_monotonic_time () - start) / N_PARTS,
           (get_processor_seconds () - processor) / N_PARTS * 1e6);
  journal_fixture_tear_down (&fixture, NULL);
}

int
main (void)
{
  measure (1);
  measure (5);
  measure (64);
  return 0;
}
