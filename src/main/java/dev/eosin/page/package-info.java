/// Pages of results as HTML that needs nothing beside itself: no network, no script, no font; text
/// that can be selected, pictures with a text in their place, charts as SVG. What comes from data
/// is escaped in one place, [dev.eosin.page.Html], and a page forbids browsers to run or load
/// anything. May use `image`. Start reading at [dev.eosin.page.Page].
@NullMarked
package dev.eosin.page;

import org.jspecify.annotations.NullMarked;
