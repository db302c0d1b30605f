/* test-module.c: the menu entry as the file manager sees it, and what is sent when it is chosen
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <gmodule.h>
#include <nautilus-extension.h>

#include <fcntl.h>
#include <sys/stat.h>

static const char *module_path;

/* A file of the file manager, with as much of it as the module may look at. */

#define TEST_TYPE_FILE (test_file_get_type ())
G_DECLARE_FINAL_TYPE (TestFile, test_file, TEST, FILE, GObject)

struct _TestFile
{
  GObject parent_instance;

  const char *uri;
  const char *activation_uri;
};

static char *
test_file_get_uri (NautilusFileInfo *info)
{
  return g_strdup (TEST_FILE (info)->uri);
}

static char *
test_file_get_activation_uri (NautilusFileInfo *info)
{
  return g_strdup (TEST_FILE (info)->activation_uri);
}

static void
test_file_info_init (NautilusFileInfoInterface *iface)
{
  iface->get_uri = test_file_get_uri;
  iface->get_activation_uri = test_file_get_activation_uri;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestFile,
                               test_file,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (NAUTILUS_TYPE_FILE_INFO, test_file_info_init))

static void
test_file_class_init (TestFileClass *klass)
{
}

static void
test_file_init (TestFile *self)
{
}

static TestFile *
test_file_new (const char *uri, const char *activation_uri)
{
  TestFile *file = g_object_new (TEST_TYPE_FILE, NULL);

  file->uri = uri;
  file->activation_uri = activation_uri;
  return file;
}

/* The module, loaded as the file manager loads it: once, for good. */

#define TEST_TYPE_MODULE (test_module_get_type ())
G_DECLARE_FINAL_TYPE (TestModule, test_module, TEST, MODULE, GTypeModule)

struct _TestModule
{
  GTypeModule parent_instance;

  GModule *library;
};

G_DEFINE_FINAL_TYPE (TestModule, test_module, G_TYPE_TYPE_MODULE)

static gboolean
test_module_load (GTypeModule *module)
{
  TestModule *self = TEST_MODULE (module);
  void (*initialize) (GTypeModule *);

  self->library = g_module_open (module_path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  g_assert_nonnull (self->library);
  g_module_make_resident (self->library);
  g_assert_true (
      g_module_symbol (self->library, "nautilus_module_initialize", (gpointer *) &initialize));
  initialize (module);
  return TRUE;
}

static void
test_module_class_init (TestModuleClass *klass)
{
  G_TYPE_MODULE_CLASS (klass)->load = test_module_load;
}

static void
test_module_init (TestModule *self)
{
}

static NautilusMenuProvider *
provider_new (void)
{
  static TestModule *module;
  void (*list_types) (const GType **types, int *n_types);
  const GType *types = NULL;
  int n_types = 0;

  if (module == NULL)
    {
      module = g_object_new (TEST_TYPE_MODULE, NULL);
      g_assert_true (g_type_module_use (G_TYPE_MODULE (module)));
    }

  g_assert_true (
      g_module_symbol (module->library, "nautilus_module_list_types", (gpointer *) &list_types));
  list_types (&types, &n_types);
  g_assert_cmpint (n_types, ==, 1);
  return NAUTILUS_MENU_PROVIDER (g_object_new (types[0], NULL));
}

/* Returns: (transfer full) (nullable) */
static NautilusMenuItem *
item_for (GList *files)
{
  g_autoptr (NautilusMenuProvider) provider = provider_new ();
  GList *items = nautilus_menu_provider_get_file_items (provider, files);
  NautilusMenuItem *item;

  if (items == NULL)
    return NULL;

  g_assert_cmpuint (g_list_length (items), ==, 1);
  item = items->data;
  g_list_free (items);
  return item;
}

static NautilusMenuItem *
item_for_uris (const char *first, const char *second)
{
  GList *files = g_list_append (NULL, test_file_new (first, first));
  NautilusMenuItem *item;

  if (second != NULL)
    files = g_list_append (files, test_file_new (second, second));
  item = item_for (files);
  g_list_free_full (files, g_object_unref);
  return item;
}

static void
test_entry_for_local_files (void)
{
  g_autoptr (NautilusMenuItem) one = item_for_uris ("file:///home/me/film.mkv", NULL);
  g_autoptr (NautilusMenuItem) two = item_for_uris ("file:///home/me/film.mkv", "file:///home/me");
  g_autofree char *label = NULL;

  g_assert_nonnull (one);
  g_assert_nonnull (two);
  g_object_get (one, "label", &label, NULL);
  g_assert_cmpstr (label, ==, "Upload to S3");
}

static void
test_no_entry_for_other_files (void)
{
  g_assert_null (item_for (NULL));
  g_assert_null (item_for_uris ("trash:///film.mkv", NULL));
  g_assert_null (item_for_uris ("file:///home/me/film.mkv", "sftp://host/film.mkv"));
}

/* The program, as far as the bus shows it. */
typedef struct
{
  GTestDBus *bus;
  GDBusConnection *connection;
  GStrv uris;
} FakeProgram;

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *arguments,
         GDBusMethodInvocation *invocation,
         gpointer data)
{
  FakeProgram *program = data;
  g_autoptr (GVariant) uris = g_variant_get_child_value (arguments, 0);

  g_assert_cmpstr (method, ==, "Open");
  g_assert_null (program->uris);
  program->uris = g_variant_dup_strv (uris, NULL);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
fake_program_export (FakeProgram *program)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (
      "<node><interface name='org.freedesktop.Application'><method name='Open'>"
      "<arg name='uris' type='as' direction='in'/>"
      "<arg name='platform_data' type='a{sv}' direction='in'/>"
      "</method></interface></node>",
      NULL);
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_dbus_connection_register_object (program->connection, "/org/s3streamer/S3Streamer",
                                     node->interfaces[0], &vtable, program, NULL, &error);
  g_assert_no_error (error);
  answer = g_dbus_connection_call_sync (
      program->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", "org.s3streamer.S3Streamer", 4), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
fake_program_set_up (FakeProgram *program, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  program->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (program->bus);
  program->connection =
      g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (program->bus),
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                  G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
on_ping (GObject *source, GAsyncResult *result, gpointer data)
{
  gboolean *done = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  g_assert_no_error (error);
  *done = TRUE;
}

/* Until the module has seen the answer: the bus keeps the order, so what is asked after the answer
 * was passed on comes back after it. */
static void
fake_program_wait_for_open (FakeProgram *program)
{
  g_autoptr (GDBusConnection) of_module = NULL;
  gboolean done = FALSE;

  while (program->uris == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_variant_unref (g_dbus_connection_call_sync (
      program->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetId", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL));
  of_module = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_dbus_connection_call (of_module, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetId", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, on_ping, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

static void
fake_program_tear_down (FakeProgram *program, gconstpointer data)
{
  g_strfreev (program->uris);
  g_clear_object (&program->connection);
  g_test_dbus_down (program->bus);
  g_object_unref (program->bus);
}

static void
test_sends_files_to_the_program (FakeProgram *program, gconstpointer data)
{
  g_autoptr (NautilusMenuItem) item = NULL;

  fake_program_export (program);
  item = item_for_uris ("file:///home/me/a%20b%27.iso", "file:///home/me/folder");
  nautilus_menu_item_activate (item);
  fake_program_wait_for_open (program);

  g_assert_cmpuint (g_strv_length (program->uris), ==, 2);
  g_assert_cmpstr (program->uris[0], ==, "file:///home/me/a%20b%27.iso");
  g_assert_cmpstr (program->uris[1], ==, "file:///home/me/folder");
}

static void
test_sends_recent_files_by_their_own_address (FakeProgram *program, gconstpointer data)
{
  g_autoptr (NautilusMenuItem) item = NULL;
  GList *files = g_list_append (NULL, test_file_new ("recent:///1234", "file:///home/me/a.iso"));

  fake_program_export (program);
  item = item_for (files);
  g_assert_nonnull (item);
  g_list_free_full (files, g_object_unref);
  nautilus_menu_item_activate (item);
  fake_program_wait_for_open (program);

  g_assert_cmpuint (g_strv_length (program->uris), ==, 1);
  g_assert_cmpstr (program->uris[0], ==, "file:///home/me/a.iso");
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  char **line = data;
  g_autoptr (GError) error = NULL;

  *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);
  g_assert_no_error (error);
}

static void
test_starts_the_program_where_the_bus_does_not_know_it (FakeProgram *program, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("test-nautilus-XXXXXX", NULL);
  g_autofree char *fifo = g_build_filename (folder, "started-with", NULL);
  g_autofree char *script = g_build_filename (folder, "s3streamer", NULL);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\necho \"$@\" >'%s'\n", fifo);
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *path_here = g_strconcat (folder, ":", path, NULL);
  g_autoptr (NautilusMenuItem) item = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (script, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  stream = g_unix_input_stream_new (g_open (fifo, O_RDWR | O_CLOEXEC), TRUE);
  lines = g_data_input_stream_new (stream);
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, on_line, &line);
  g_setenv ("PATH", path_here, TRUE);

  item = item_for_uris ("file:///home/me/a.iso", "file:///home/me/folder");
  nautilus_menu_item_activate (item);
  while (line == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpstr (line, ==, "file:///home/me/a.iso file:///home/me/folder");
  g_setenv ("PATH", path, TRUE);
  g_assert_cmpint (g_unlink (fifo), ==, 0);
  g_assert_cmpint (g_unlink (script), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_assert_cmpint (argc, ==, 2);
  module_path = argv[1];

  g_test_add_func ("/nautilus/entry-for-local-files", test_entry_for_local_files);
  g_test_add_func ("/nautilus/no-entry-for-other-files", test_no_entry_for_other_files);
#define ADD(name, function)                                                                        \
  g_test_add (name, FakeProgram, NULL, fake_program_set_up, function, fake_program_tear_down)
  ADD ("/nautilus/sends-files-to-the-program", test_sends_files_to_the_program);
  ADD ("/nautilus/sends-recent-files-by-their-own-address",
       test_sends_recent_files_by_their_own_address);
  ADD ("/nautilus/starts-the-program-where-the-bus-does-not-know-it",
       test_starts_the_program_where_the_bus_does_not_know_it);
#undef ADD

  return g_test_run ();
}
