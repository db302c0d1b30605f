/* bench-requests.c: how many requests a second the server signs for, on one core
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-requests [ROUNDS]: each round is an upload of its own, of one byte, to S3 storage: `begin`,
 * the byte to the bucket, `presign`, and `finish`, for which the server looks into the bucket. All
 * are begun first, so that the other two are measured alone, too. The server is a process of its own,
 * on the first core; the load and the bucket, in memory, are on the others.
 */

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake-s3.h"
#include "streamer-http.h"
#include "streamer-json.h"
#include "streamer-server.h"

#define TOKEN     "a-token-for-the-bench"
#define N_THREADS 4

typedef struct Load Load;
typedef struct
{
  Load *load;
  GSocketConnection *server;
  StreamerHttp *store;
} Worker;

struct Load
{
  GInetSocketAddress *address;
  pid_t server;
  char **upload_ids; /* (owned): of each round, where it has begun */
  void (*step) (Worker *worker, int round);
  gint next; /* atomic */
  gint end;
};

/* Of the server, so far. */
typedef struct
{
  gint64 time;    /* monotonic */
  guint64 memory; /* KiB that are resident */
  double seconds; /* of a core */
} Usage;

static void
stay_on (gboolean first_core)
{
  cpu_set_t wanted;

  CPU_ZERO (&wanted);
  for (long i = 0; i < sysconf (_SC_NPROCESSORS_ONLN); i++)
    if ((i == 0) == first_core)
      CPU_SET (i, &wanted);
  if (CPU_COUNT (&wanted) > 0)
    sched_setaffinity (0, sizeof wanted, &wanted);
}

static G_NORETURN void
run_server (int from_parent, int to_parent, const char *root)
{
  char endpoint[256] = "";
  StreamerStorageConfig config = { .kind = (char *) "s3",
                                   .root = (char *) root,
                                   .endpoint = endpoint,
                                   .bucket = (char *) FAKE_S3_BUCKET,
                                   .region = (char *) FAKE_S3_REGION,
                                   .path_style = TRUE };
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  StreamerPolicy *policy = streamer_policy_new ();
  StreamerServer *server;
  guint16 port;

  stay_on (TRUE);
  dup2 (open ("/dev/null", O_WRONLY), STDERR_FILENO);
  g_assert_cmpint (read (from_parent, endpoint, sizeof endpoint - 1), >, 0);
  streamer_policy_add_principal (policy, "bench", TOKEN, NULL, STREAMER_RIGHTS_ALL);
  server = streamer_server_new (&config, policy, NULL);
  g_assert_true (server && streamer_server_listen (server, loopback, 0, NULL));
  port = streamer_server_get_port (server);
  g_assert_cmpint (write (to_parent, &port, sizeof port), ==, sizeof port);
  /* Until the parent closes its end. */
  while (read (from_parent, endpoint, sizeof endpoint) > 0)
    continue;
  _exit (0);
}

/* Returns: (transfer full): the body of the answer; it has to be one of success */
static char *
ask (GSocketConnection *connection, const char *body)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autofree char *text =
      g_strdup_printf ("POST /upload/request HTTP/1.1\r\nHost: a\r\n"
                       "Authorization: Bearer " TOKEN "\r\nContent-Length: %zu\r\n\r\n%s",
                       strlen (body), body);
  g_autofree char *answer = g_malloc0 (65536);
  gsize taken = 0, wanted = G_MAXSIZE;

  g_assert_true (g_output_stream_write_all (out, text, strlen (text), NULL, NULL, NULL));
  while (taken < wanted)
    {
      gssize n = g_input_stream_read (in, answer + taken, 65535 - taken, NULL, NULL);
      const char *end, *length;

      g_assert_cmpint (n, >, 0);
      taken += n;
      end = strstr (answer, "\r\n\r\n");
      length = strstr (answer, "Content-Length: ");
      if (end && length)
        wanted = end + 4 - answer + g_ascii_strtoull (length + 16, NULL, 10);
    }
  if (!g_str_has_prefix (answer, "HTTP/1.1 200 "))
    g_error ("%s", answer);
  return g_strdup (strstr (answer, "\r\n\r\n") + 4);
}

static GSocketConnection *
connect_to (GInetSocketAddress *address)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  GSocketConnection *connection =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);

  g_assert_nonnull (connection);
  return connection;
}

/* Puts the one byte where the server said. */
static void
put (StreamerHttp *http, JsonObject *begun)
{
  JsonObject *request = json_object_get_object_member (begun, "put");
  JsonObject *headers = json_object_get_object_member (request, "headers");
  g_autoptr (GList) names = json_object_get_members (headers);
  g_autoptr (GPtrArray) pairs = g_ptr_array_new ();
  g_auto (StreamerAnswer) answer = { 0 };

  for (GList *l = names; l; l = l->next)
    {
      g_ptr_array_add (pairs, l->data);
      g_ptr_array_add (pairs, (char *) json_object_get_string_member (headers, l->data));
    }
  g_ptr_array_add (pairs, NULL);
  g_assert_true (streamer_http_send_text (
      http, "PUT", json_object_get_string_member (request, "url"),
      (const char *const *) pairs->pdata, "x", STREAMER_HTTP_DEFAULT, &answer, NULL, NULL));
  g_assert_cmpuint (answer.status, ==, 200);
}

static void
begin (Worker *worker, int round)
{
  g_autofree char *body =
      g_strdup_printf ("{\"action\": \"begin\", \"key\": \"folder/%d\", \"size\": 1,"
                       " \"part_size\": 5242880, \"resume_id\": \"%032x\"}",
                       round, (guint) round);
  g_autofree char *answer = ask (worker->server, body);
  g_autoptr (JsonNode) root = streamer_json_parse (answer, strlen (answer), NULL);
  JsonObject *begun;

  g_assert_nonnull (root);
  begun = json_object_get_object_member (json_node_get_object (root), "status");
  put (worker->store, begun);
  worker->load->upload_ids[round] = g_strdup (json_object_get_string_member (begun, "upload_id"));
}

static void
presign_and_finish (Worker *worker, int round)
{
  const char *upload_id = worker->load->upload_ids[round];
  g_autofree char *presign = g_strdup_printf ("{\"action\": \"presign\", \"upload_id\": \"%s\","
                                              " \"parts\": [{\"number\": 1, \"size\": 1}]}",
                                              upload_id);
  g_autofree char *finish =
      g_strdup_printf ("{\"action\": \"finish\", \"upload_id\": \"%s\"}", upload_id);

  g_free (ask (worker->server, presign));
  g_free (ask (worker->server, finish));
}

static gpointer
run_worker (gpointer data)
{
  Load *load = data;
  g_autoptr (GSocketConnection) connection = connect_to (load->address);
  g_autoptr (StreamerHttp) http = streamer_http_new ();
  Worker worker = { .load = load, .server = connection, .store = http };
  int round;

  while ((round = g_atomic_int_add (&load->next, 1)) < load->end)
    load->step (&worker, round);
  return NULL;
}

static void
run_rounds (Load *load, void (*step) (Worker *worker, int round), int first, int end)
{
  GThread *threads[N_THREADS];

  load->step = step;
  load->next = first;
  load->end = end;
  for (int i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("load", run_worker, load);
  for (int i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static Usage
look_at (pid_t pid)
{
  g_autofree char *statm = g_strdup_printf ("/proc/%d/statm", pid);
  g_autofree char *stat = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *statm_text = NULL, *stat_text = NULL;
  g_auto (GStrv) pages = NULL, fields = NULL;

  g_assert_true (g_file_get_contents (statm, &statm_text, NULL, NULL));
  g_assert_true (g_file_get_contents (stat, &stat_text, NULL, NULL));
  pages = g_strsplit (statm_text, " ", -1);
  fields = g_strsplit (strrchr (stat_text, ')'), " ", -1);
  return (Usage){
    .time = g_get_monotonic_time (),
    .memory = g_ascii_strtoull (pages[1], NULL, 10) * sysconf (_SC_PAGESIZE) / 1024,
    .seconds = (g_ascii_strtoull (fields[12], NULL, 10) + g_ascii_strtoull (fields[13], NULL, 10)) /
               (double) sysconf (_SC_CLK_TCK),
  };
}

static void
report (const char *what, int rounds, const Usage *before, const Usage *after)
{
  double seconds = (after->time - before->time) / 1e6;
  double used = after->seconds - before->seconds;

  g_print (
      "%d times %s: %.1f s, %.0f a second; %.1f s of the server's core, %.0f in each of them\n",
      rounds, what, seconds, rounds / seconds, used, rounds / used);
}

static void
measure (Load *load, int rounds)
{
  int warm = rounds / 10;
  Usage start, begun, done;

  load->upload_ids = g_new0 (char *, warm + rounds + 1);
  run_rounds (load, begin, 0, warm);
  run_rounds (load, presign_and_finish, 0, warm);
  start = look_at (load->server);
  run_rounds (load, begin, warm, warm + rounds);
  begun = look_at (load->server);
  run_rounds (load, presign_and_finish, warm, warm + rounds);
  done = look_at (load->server);
  report ("begin", rounds, &start, &begun);
  report ("presign and finish", rounds, &begun, &done);
  report ("begin, presign and finish", rounds, &start, &done);
  g_print ("memory before, after %d requests, and after %d more: %" G_GUINT64_FORMAT
           " KiB, %" G_GUINT64_FORMAT " KiB, %" G_GUINT64_FORMAT " KiB\n",
           rounds, 2 * rounds, start.memory, begun.memory, done.memory);
  g_strfreev (load->upload_ids);
}

static void
clean_up (const char *root)
{
  g_autoptr (GDir) folder = g_dir_open (root, 0, NULL);
  const char *name;

  g_assert_nonnull (folder);
  while ((name = g_dir_read_name (folder)))
    {
      g_autofree char *path = g_build_filename (root, name, NULL);

      g_unlink (path);
    }
  g_rmdir (root);
}

int
main (int argc, char *argv[])
{
  int rounds = argc > 1 ? atoi (argv[1]) : 50000;
  g_autofree char *root = g_dir_make_tmp ("streamer-bench-XXXXXX", NULL);
  g_autoptr (FakeS3) bucket = NULL;
  int to_server[2], from_server[2];
  Load load = { 0 };
  guint16 port;

  g_setenv ("AWS_ACCESS_KEY_ID", FAKE_S3_ACCESS_KEY, TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", FAKE_S3_SECRET_KEY, TRUE);
  g_assert_true (pipe (to_server) == 0 && pipe (from_server) == 0);
  load.server = fork ();
  if (load.server == 0)
    {
      close (to_server[1]);
      run_server (to_server[0], from_server[1], root);
    }
  stay_on (FALSE);
  bucket = fake_s3_new ();
  g_assert_cmpint (
      write (to_server[1], fake_s3_get_url (bucket), strlen (fake_s3_get_url (bucket))), >, 0);
  g_assert_cmpint (read (from_server[0], &port, sizeof port), ==, sizeof port);
  load.address = G_INET_SOCKET_ADDRESS (g_inet_socket_address_new_from_string ("127.0.0.1", port));
  measure (&load, rounds);
  close (to_server[1]);
  waitpid (load.server, NULL, 0);
  clean_up (root);
  return 0;
}
