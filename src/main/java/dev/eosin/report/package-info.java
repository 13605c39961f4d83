/// What evaluations and runs found, for people and for programs of others: pages, tables, the Hub's
/// file, and evaluations compared on the same resamples. Everything is a function of what it is
/// given: the same results give the same bytes. Start reading at [dev.eosin.report.Findings], then
/// [dev.eosin.report.EvaluationPage].
@NullMarked
package dev.eosin.report;

import org.jspecify.annotations.NullMarked;
