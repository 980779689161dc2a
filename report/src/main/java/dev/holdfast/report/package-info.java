/**
 * Results of measurements as one HTML page: figures, plots, bars and tables, with everything it needs inside it. Whoever
 * has the file can read it, without a network and in ten years.
 *
 * <p>Starting points: {@link dev.holdfast.report.Report} is what a page says, {@link dev.holdfast.report.HtmlPage} writes it,
 * {@link dev.holdfast.report.Machine} tells where it was measured.
 */
@NullMarked
package dev.holdfast.report;

import org.jspecify.annotations.NullMarked;
