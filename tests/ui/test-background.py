#!/usr/bin/python3
# test-background.py: uploads go on without a window, and the session knows of them
#
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import threading

import desktop
import streamer
from support import tap
from support.backend import Backend
from support.wait import wait_until
from streamer import Gio, GLib

NOTIFICATIONS = """<node><interface name="org.gtk.Notifications">
  <method name="AddNotification"><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="a{sv}" direction="in"/></method>
  <method name="RemoveNotification"><arg type="s" direction="in"/><arg type="s" direction="in"/>
  </method></interface></node>"""

SESSION = """<node><interface name="org.gnome.SessionManager">
  <method name="RegisterClient"><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="o" direction="out"/></method>
  <method name="Inhibit"><arg type="s" direction="in"/><arg type="u" direction="in"/>
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="u" direction="out"/>
  </method>
  <method name="Uninhibit"><arg type="u" direction="in"/></method>
  <property name="SessionIsActive" type="b" access="read"/></interface></node>"""

INHIBIT_SUSPEND = 4


class Session:
    """What a desktop offers to programs, as far as this one uses it.

    It answers on a thread of its own: the program waits for its answers, and this test for the
    program.
    """

    def __init__(self):
        self.notifications = []
        self.inhibited = {}
        self.n_cookies = 0
        self.names = set()
        threading.Thread(target=self.serve, daemon=True).start()
        wait_until(lambda: len(self.names) == 2, "the names on the bus")

    def serve(self):
        context = GLib.MainContext()
        context.push_thread_default()
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
                 Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        bus = Gio.DBusConnection.new_for_address_sync(
            os.environ["DBUS_SESSION_BUS_ADDRESS"], flags, None, None)
        for name, path, xml in (
                ("org.gtk.Notifications", "/org/gtk/Notifications", NOTIFICATIONS),
                ("org.gnome.SessionManager", "/org/gnome/SessionManager", SESSION)):
            interface = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
            bus.register_object(path, interface, self.call, self.get, None)
            Gio.bus_own_name_on_connection(bus, name, Gio.BusNameOwnerFlags.NONE,
                                           lambda _, owned: self.names.add(owned), None)
        GLib.MainLoop(context).run()

    def told(self, title):
        """The notification with this title, or None."""
        return next((told for told in self.notifications if told["title"] == title), None)

    @staticmethod
    def get(*_):
        return GLib.Variant("b", True)

    def call(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        values = parameters.unpack()
        answer = None
        if method == "AddNotification":
            self.notifications.append(values[2])
        elif method == "RegisterClient":
            answer = GLib.Variant("(o)", ("/org/gnome/SessionManager/Client1",))
        elif method == "Inhibit":
            self.n_cookies += 1
            self.inhibited[self.n_cookies] = values[3]
            answer = GLib.Variant("(u)", (self.n_cookies,))
        elif method == "Uninhibit":
            del self.inhibited[values[0]]
        invocation.return_value(answer)


def activate_action(name, target):
    Gio.bus_get_sync(Gio.BusType.SESSION, None).call_sync(
        streamer.APP_ID, streamer.APP_PATH, "org.freedesktop.Application", "ActivateAction",
        GLib.Variant("(sava{sv})", (name, [target], {})), None, Gio.DBusCallFlags.NONE, 60000,
        None)


@tap.test
def a_batch_that_ends_without_a_window_is_told_of_once():
    streamer.reset_settings()
    session = Session()
    path = streamer.make_file(streamer.HOME / "film.bin", 8 << 20)
    with Backend("token-4711") as backend:
        streamer.connect_to(backend.url)
        backend.hold_parts(1 << 20)
        with streamer.Window(path) as window:
            pid = window.process.pid
            view = streamer.View(pid)
            view.sign_in("token-4711")
            wait_until(lambda: INHIBIT_SUSPEND in session.inhibited.values(),
                       "the computer to be kept awake")

            frame = desktop.window_of(view.frame)
            desktop.press("ctrl+w")
            dialog = desktop.wait_for(name="Keep Uploading?", pid=pid)
            desktop.act(desktop.wait_for("push button", "Keep Uploading", within=dialog))
            desktop.wait_closed(frame)
            assert not session.told("“film.bin” is uploaded")

            backend.release()
            notification = wait_until(lambda: session.told("“film.bin” is uploaded"),
                                      "a notification")
            wait_until(lambda: not session.inhibited, "the computer to be free to sleep")
            buttons = {button["label"]: button for button in notification["buttons"]}
            assert set(buttons) == {"Copy Link", "Show"}, buttons

            # The program stays for as long as these may be clicked.
            show = buttons["Show"]
            activate_action(show["action"].removeprefix("app."),
                            GLib.Variant("s", show["target"]))
            desktop.wait_for("label", f"Uploaded: {backend.origin}/downloads/film.bin", pid=pid)
            assert len([told for told in session.notifications
                        if "uploaded" in told["title"]]) == 1


tap.main()
