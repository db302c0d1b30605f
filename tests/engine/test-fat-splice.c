/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "script-server.h"
#include "streamer-body.h"
#include "streamer-fat-splice.h"
#include "test-file.h"

#include <libsoup/soup.h>

#define MIB (1024 * 1024)

/* A filter stream that notes how it is written to. */
#define TEST_TYPE_SINK (test_sink_get_type ())
G_DECLARE_FINAL_TYPE (TestSink, test_sink, TEST, SINK, GFilterOutputStream)

struct _TestSink
{
  GFilterOutputStream parent_instance;

  GByteArray *bytes;
  guint n_writes;
  gsize largest;
  gsize most;    /* bytes taken by one write */
  guint fail_at; /* 0 never, else the write that fails */
  int fail_code; /* G_IO_ERROR */
};

G_DEFINE_FINAL_TYPE (TestSink, test_sink, G_TYPE_FILTER_OUTPUT_STREAM)

static gssize
test_sink_write (GOutputStream *stream,
                 const void *buffer,
                 gsize n,
                 GCancellable *cancellable,
                 GError **error)
{
  TestSink *self = TEST_SINK (stream);

  self->n_writes++;
  self->largest = MAX (self->largest, n);
  if (self->n_writes == self->fail_at)
    {
      g_set_error_literal (error, G_IO_ERROR, self->fail_code, "the test says so");
      return -1;
    }
  n = MIN (n, self->most);
  g_byte_array_append (self->bytes, buffer, n);
  return n;
}

static void
test_sink_finalize (GObject *object)
{
  g_byte_array_unref (TEST_SINK (object)->bytes);
  G_OBJECT_CLASS (test_sink_parent_class)->finalize (object);
}

static void
test_sink_class_init (TestSinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_sink_finalize;
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = test_sink_write;
}

static void
test_sink_init (TestSink *self)
{
  self->bytes = g_byte_array_new ();
  self->most = G_MAXSIZE;
}

static TestSink *
test_sink_new (void)
{
  g_autoptr (GOutputStream) base = g_memory_output_stream_new_resizable ();

  return g_object_new (TEST_TYPE_SINK, "base-stream", base, NULL);
}

static gssize
splice (TestSink *sink, GInputStream *source, GError **error)
{
  return g_output_stream_splice (G_OUTPUT_STREAM (sink), source,
                                 G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE, NULL, error);
}

static void
test_big_pieces (void)
{
  g_autoptr (TestFile) file = test_file_new (2 * MIB + 1, 0);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, NULL);
  g_autoptr (GInputStream) body = streamer_body_new (part, NULL, NULL);
  g_autoptr (TestSink) sink = test_sink_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (splice (sink, body, &error), ==, 2 * MIB + 1);
  g_assert_no_error (error);
  g_assert_cmpuint (sink->n_writes, ==, 9);
  g_assert_cmpmem (sink->bytes->data, sink->bytes->len, file->bytes, file->size);
  g_assert_true (g_input_stream_is_closed (body));

  /* The part behind it can be sent again. */
  g_assert_false (g_input_stream_is_closed (G_INPUT_STREAM (part)));
  streamer_part_stream_rewind (part);
  g_set_object (&body, NULL);
  body = streamer_body_new (part, NULL, NULL);
  g_assert_cmpint (splice (sink, body, &error), ==, 2 * MIB + 1);
  g_assert_cmpuint (sink->bytes->len, ==, 2 * (2 * MIB + 1));
}

static void
test_short_writes (void)
{
  g_autoptr (TestFile) file = test_file_new (100000, 0);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, NULL);
  g_autoptr (GInputStream) body = streamer_body_new (part, NULL, NULL);
  g_autoptr (TestSink) sink = test_sink_new ();

  sink->most = 7;
  g_assert_cmpint (splice (sink, body, NULL), ==, 100000);
  g_assert_cmpmem (sink->bytes->data, sink->bytes->len, file->bytes, file->size);
}

static void
test_other_streams_are_left_alone (void)
{
  g_autoptr (TestFile) file = test_file_new (MIB, 0);
  g_autoptr (GInputStream) source =
      g_memory_input_stream_new_from_data (file->bytes, file->size, NULL);
  g_autoptr (TestSink) sink = test_sink_new ();

  g_assert_cmpint (splice (sink, source, NULL), ==, MIB);
  g_assert_cmpmem (sink->bytes->data, sink->bytes->len, file->bytes, file->size);
  g_assert_cmpuint (sink->largest, <, STREAMER_IO_SIZE);
}

static void
test_write_error (void)
{
  g_autoptr (TestFile) file = test_file_new (MIB, 0);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, NULL);
  g_autoptr (GInputStream) body = streamer_body_new (part, NULL, NULL);
  g_autoptr (TestSink) sink = test_sink_new ();
  g_autoptr (GError) error = NULL;

  sink->fail_at = 2;
  sink->fail_code = G_IO_ERROR_TIMED_OUT;
  g_assert_cmpint (splice (sink, body, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_true (g_input_stream_is_closed (body));
}

/* So that libsoup goes on to what the server said before it hung up. */
static void
test_broken_connection_ends_the_body (void)
{
  g_autoptr (TestFile) file = test_file_new (MIB, 0);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, NULL);
  g_autoptr (GInputStream) body = streamer_body_new (part, NULL, NULL);
  g_autoptr (TestSink) sink = test_sink_new ();
  g_autoptr (GError) error = NULL;

  sink->fail_at = 2;
  sink->fail_code = G_IO_ERROR_BROKEN_PIPE;
  g_assert_cmpint (splice (sink, body, &error), >=, 0);
  g_assert_no_error (error);
  g_assert_cmpuint (sink->n_writes, ==, 2);
  g_assert_cmpuint (sink->bytes->len, ==, STREAMER_IO_SIZE);
}

static void
on_wrote_body_data (SoupMessage *message, guint n, guint *n_writes)
{
  (*n_writes)++;
}

/* A libsoup that no longer inherits our splice, or writes in another way, is noticed here: by
 * itself it writes 128 times for each MiB. */
static void
test_libsoup_uses_it (void)
{
  const guint n_mib = 16;
  g_autoptr (ScriptServer) server = script_server_new ();
  g_autoptr (TestFile) file = test_file_new (n_mib * MIB, 0);
  g_autoptr (StreamerPartStream) part = test_file_get_part (file, 1, NULL);
  g_autoptr (GInputStream) body = streamer_body_new (part, NULL, NULL);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new ("PUT", script_server_get_url (server));
  g_autoptr (GInputStream) answer = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (ScriptRequest) request = { 0 };
  guint n_writes = 0;

  soup_message_set_request_body (message, NULL, body, n_mib * MIB);
  g_signal_connect (message, "wrote-body-data", G_CALLBACK (on_wrote_body_data), &n_writes);
  answer = soup_session_send (session, message, NULL, &error);
  g_assert_no_error (error);
  script_server_get (server, 0, &request);
  g_assert_cmphex (request.body_crc32, ==, file->crc32);
  g_test_message ("%.1f writes per MiB", (double) n_writes / n_mib);
  /* The socket may take a piece in several bites. */
  g_assert_cmpuint (n_writes, <, n_mib * 32);
}

int
main (int argc, char *argv[])
{
  /* Before any class is made, as in the program. */
  streamer_fat_splice_install ();
  streamer_fat_splice_install ();

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fat-splice/big-pieces", test_big_pieces);
  g_test_add_func ("/fat-splice/short-writes", test_short_writes);
  g_test_add_func ("/fat-splice/other-streams-are-left-alone", test_other_streams_are_left_alone);
  g_test_add_func ("/fat-splice/write-error", test_write_error);
  g_test_add_func ("/fat-splice/broken-connection-ends-the-body",
                   test_broken_connection_ends_the_body);
  g_test_add_func ("/fat-splice/libsoup-uses-it", test_libsoup_uses_it);
  return g_test_run ();
}
