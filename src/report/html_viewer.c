/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html_viewer.h"

#include "report/page_asset.h"

static const char canvas[] =
    "<div id=\"viewer\" hidden><p id=\"hint\" class=\"note\"></p>\n"
    "<p><input id=\"file\" type=\"file\" accept=\".ply\"> <span class=\"note\">drag: "
    "turn, shift-drag: move, wheel: zoom</span></p>\n"
    "<canvas id=\"points\"></canvas></div>\n";

void html_write_canvas(struct markup *html)
{
    markup_raw(html, canvas);
}

static void write_script(struct markup *html, const char *attributes, const char *asset)
{
    markup_print(html, "<script%s>\n", attributes);
    markup_raw(html, page_asset(asset));
    markup_raw(html, "</script>\n");
}

void html_write_viewer(struct markup *html)
{
    write_script(html, " type=\"x-shader/x-vertex\" id=\"points-vertex\"", "points.vert");
    write_script(html, " type=\"x-shader/x-fragment\" id=\"points-fragment\"",
                 "points.frag");
    write_script(html, "", "viewer.js");
}
