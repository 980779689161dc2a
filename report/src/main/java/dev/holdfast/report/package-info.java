/**
 * Writes the results of measurements as a single HTML page with figures, plots, bars and tables. The page embeds all
 * that it needs, so it stays readable without a network and in the long term.
 *
 * <p>Starting points: {@link dev.holdfast.report.Report} is the content of a page,
 * {@link dev.holdfast.report.HtmlPage} writes it, {@link dev.holdfast.report.Machine} describes the environment.
 */
@NullMarked
package dev.holdfast.report;

import org.jspecify.annotations.NullMarked;
