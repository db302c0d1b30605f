/* streamer-nautilus.c: the entry "Upload to S3" in the menu of Files (nautilus)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in the file manager's process, on its main thread: it reads and writes nothing, and every
 * call that leaves the process is asynchronous.
 */

#include "streamer-config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <nautilus-extension.h>

#define APP_ID   "org.s3streamer.S3Streamer"
#define APP_PATH "/org/s3streamer/S3Streamer"

#define STREAMER_TYPE_NAUTILUS (streamer_nautilus_get_type ())
G_DECLARE_FINAL_TYPE (StreamerNautilus, streamer_nautilus, STREAMER, NAUTILUS, GObject)

struct _StreamerNautilus
{
  GObject parent_instance;
};

static void streamer_nautilus_menu_provider_init (NautilusMenuProviderInterface *iface);

G_DEFINE_DYNAMIC_TYPE_EXTENDED (
    StreamerNautilus,
    streamer_nautilus,
    G_TYPE_OBJECT,
    G_TYPE_FLAG_FINAL,
    G_IMPLEMENT_INTERFACE_DYNAMIC (NAUTILUS_TYPE_MENU_PROVIDER,
                                   streamer_nautilus_menu_provider_init))

/* Without a session bus, or where the bus does not know the program. The desktop file would not do:
 * it says that the program is started by the bus, and GIO believes it. */
static void
launch_by_name (char **uris)
{
  g_autoptr (GPtrArray) command = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (command, (char *) "s3streamer");
  for (guint i = 0; uris[i] != NULL; i++)
    g_ptr_array_add (command, uris[i]);
  g_ptr_array_add (command, NULL);

  if (!g_spawn_async (NULL, (char **) command->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                      &error))
    g_warning ("S3Streamer does not start: %s", error->message);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_auto (GStrv) uris = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (answer != NULL)
    return;

  /* The program was there and took the files, or will: a second start would upload them twice. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    g_warning ("S3Streamer does not answer: %s", error->message);
  else
    launch_by_name (uris);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  g_auto (GStrv) uris = data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);
  GVariantBuilder platform_data;
  GVariant *arguments;

  if (bus == NULL)
    {
      launch_by_name (uris);
      return;
    }

  g_variant_builder_init (&platform_data, G_VARIANT_TYPE_VARDICT);
  arguments = g_variant_new ("(^as@a{sv})", uris, g_variant_builder_end (&platform_data));
  g_dbus_connection_call (bus, APP_ID, APP_PATH, "org.freedesktop.Application", "Open", arguments,
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_opened,
                          g_steal_pointer (&uris));
}

static void
on_upload (NautilusMenuItem *item, gpointer data)
{
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, g_strdupv (data));
}

/* Returns: (transfer full) (nullable): NULL for what is not a local file; a file in "Recent" has
 * its own address in the URI that it is opened by */
static char *
dup_local_uri (NautilusFileInfo *file)
{
  g_autofree char *uri = nautilus_file_info_get_uri (file);

  if (uri == NULL || !g_str_has_prefix (uri, "file:"))
    {
      g_free (uri);
      uri = nautilus_file_info_get_activation_uri (file);
    }

  return uri != NULL && g_str_has_prefix (uri, "file:") ? g_steal_pointer (&uri) : NULL;
}

static void
free_uris (gpointer uris, GClosure *closure)
{
  g_strfreev (uris);
}

static GList *
streamer_nautilus_get_file_items (NautilusMenuProvider *provider, GList *files)
{
  g_autoptr (GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);
  NautilusMenuItem *item;

  if (files == NULL)
    return NULL;

  for (GList *l = files; l != NULL; l = l->next)
    {
      char *uri = dup_local_uri (l->data);

      if (uri == NULL)
        return NULL;
      g_ptr_array_add (uris, uri);
    }
  g_ptr_array_add (uris, NULL);

  item = nautilus_menu_item_new ("S3Streamer::upload", _ ("Upload to S3"),
                                 _ ("Upload what is selected with S3Streamer and get a link"),
                                 APP_ID "-symbolic");
  g_signal_connect_data (item, "activate", G_CALLBACK (on_upload), g_ptr_array_steal (uris, NULL),
                         free_uris, 0);
  return g_list_append (NULL, item);
}

static void
streamer_nautilus_menu_provider_init (NautilusMenuProviderInterface *iface)
{
  iface->get_file_items = streamer_nautilus_get_file_items;
}

static void
streamer_nautilus_class_init (StreamerNautilusClass *klass)
{
}

static void
streamer_nautilus_class_finalize (StreamerNautilusClass *klass)
{
}

static void
streamer_nautilus_init (StreamerNautilus *self)
{
}

/* What the file manager looks for in a module. */

void
nautilus_module_initialize (GTypeModule *module)
{
  bindtextdomain (STREAMER_GETTEXT_PACKAGE, STREAMER_LOCALEDIR);
  bind_textdomain_codeset (STREAMER_GETTEXT_PACKAGE, "UTF-8");
  streamer_nautilus_register_type (module);
}

void
nautilus_module_shutdown (void)
{
}

void
nautilus_module_list_types (const GType **types, int *n_types)
{
  static GType type;

  type = STREAMER_TYPE_NAUTILUS;
  *types = &type;
  *n_types = 1;
}
