/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_viewer.h"

#include "report/page_asset.h"

static const char overlays[] =
    "<div id=\"viewer\" class=\"overlay\" role=\"dialog\" aria-label=\"3D view\" "
    "hidden>\n"
    "<div class=\"bar\"><span id=\"viewer-title\"></span>\n"
    "<label>colour <select id=\"viewer-colour\"><option value=\"0\">image</option>"
    "<option value=\"1\">depth</option><option value=\"2\">confidence</option>"
    "<option value=\"3\">class</option></select></label>\n"
    "<button id=\"viewer-axes\" aria-pressed=\"true\">axes</button>\n"
    "<button id=\"viewer-reset\">reset</button>\n"
    "<button id=\"viewer-close\">close</button></div>\n"
    "<canvas id=\"points\" tabindex=\"0\" aria-label=\"drag or arrows: turn; shift: "
    "move; "
    "wheel, pinch or + and -: zoom; R: reset; Esc: close\"></canvas>\n"
    "<div id=\"scale\"><div id=\"scale-bar\"></div><span "
    "id=\"scale-text\"></span></div>\n"
    "<p id=\"viewer-hint\" class=\"hint\"></p></div>\n"
    "<div id=\"enlarged\" class=\"overlay\" role=\"dialog\" aria-label=\"picture\" "
    "hidden>\n<div class=\"bar\"><span id=\"enlarged-title\"></span>\n"
    "<button id=\"enlarged-previous\">previous</button>\n"
    "<button id=\"enlarged-next\">next</button>\n"
    "<button id=\"enlarged-close\">close</button></div>\n"
    "<img id=\"enlarged-image\" alt=\"\"></div>\n";

/* Without a byte between the tags and the text, whose hash the page's policy names. */
static void write_script(struct markup *html, const char *attributes, const char *asset)
{
    markup_print(html, "<script%s>", attributes);
    markup_raw(html, page_asset(asset));
    markup_raw(html, "</script>\n");
}

void html_write_viewer(struct markup *html)
{
    markup_raw(html, overlays);
    write_script(html, " type=\"x-shader/x-vertex\" id=\"points-vertex\"", "points.vert");
    write_script(html, " type=\"x-shader/x-fragment\" id=\"points-fragment\"",
                 "points.frag");
    write_script(html, "", "viewer.js");
    write_script(html, "", "page.js");
}
