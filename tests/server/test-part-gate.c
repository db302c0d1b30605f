/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-part-gate.h"

#include "streamer-error.h"

/* Somebody who writes until told to stop. */
typedef struct
{
  StreamerPartGate *gate;
  const char *upload;
  GCancellable *cancellable;
  GThread *thread;
} Writer;

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_main_loop_quit (data);
}

static gpointer
write_until_told (gpointer data)
{
  Writer *writer = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autoptr (GSource) source = g_cancellable_source_new (writer->cancellable);

  g_source_set_callback (source, G_SOURCE_FUNC (on_cancelled), loop, NULL);
  g_source_attach (source, context);
  g_main_loop_run (loop);
  streamer_part_gate_leave (writer->gate, writer->upload, 1);
  return NULL;
}

static void
writer_start (Writer *writer, StreamerPartGate *gate, const char *upload)
{
  g_autoptr (GError) error = NULL;

  writer->gate = gate;
  writer->upload = upload;
  writer->cancellable = g_cancellable_new ();
  streamer_part_gate_enter (gate, upload, 1, writer->cancellable, &error);
  g_assert_no_error (error);
  writer->thread = g_thread_new ("writer", write_until_told, writer);
}

static void
writer_end (Writer *writer)
{
  g_cancellable_cancel (writer->cancellable);
  g_thread_join (writer->thread);
  g_object_unref (writer->cancellable);
}

static void
test_newest_writer_takes_over (void)
{
  g_autoptr (StreamerPartGate) gate = streamer_part_gate_new ();
  Writer first, second;

  writer_start (&first, gate, "a");
  writer_start (&second, gate, "a");
  g_assert_true (g_cancellable_is_cancelled (first.cancellable));
  g_assert_false (g_cancellable_is_cancelled (second.cancellable));
  writer_end (&first);
  g_assert_true (streamer_part_gate_is_used (gate, "a"));
  writer_end (&second);
  g_assert_false (streamer_part_gate_is_used (gate, "a"));
}

static void
test_others_are_left_alone (void)
{
  g_autoptr (StreamerPartGate) gate = streamer_part_gate_new ();
  g_autoptr (GCancellable) mine = g_cancellable_new ();
  Writer other;

  writer_start (&other, gate, "b");
  g_assert_true (streamer_part_gate_enter (gate, "a", 1, mine, NULL));
  g_assert_true (streamer_part_gate_enter (gate, "b", 2, mine, NULL));
  streamer_part_gate_leave (gate, "a", 1);
  streamer_part_gate_leave (gate, "b", 2);
  streamer_part_gate_close (gate, "a");
  streamer_part_gate_open (gate, "a");
  g_assert_false (g_cancellable_is_cancelled (other.cancellable));
  writer_end (&other);
}

static void
test_closed_gate_has_nobody_inside (void)
{
  g_autoptr (StreamerPartGate) gate = streamer_part_gate_new ();
  g_autoptr (GCancellable) mine = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Writer writer;

  writer_start (&writer, gate, "a");
  streamer_part_gate_close (gate, "a");
  g_assert_true (g_cancellable_is_cancelled (writer.cancellable));
  g_assert_false (streamer_part_gate_enter (gate, "a", 1, mine, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_BUSY);
  streamer_part_gate_open (gate, "a");
  g_assert_true (streamer_part_gate_enter (gate, "a", 1, mine, NULL));
  streamer_part_gate_leave (gate, "a", 1);
  writer_end (&writer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/part-gate/newest-writer-takes-over", test_newest_writer_takes_over);
  g_test_add_func ("/part-gate/others-are-left-alone", test_others_are_left_alone);
  g_test_add_func ("/part-gate/closed-gate-has-nobody-inside", test_closed_gate_has_nobody_inside);
  return g_test_run ();
}
