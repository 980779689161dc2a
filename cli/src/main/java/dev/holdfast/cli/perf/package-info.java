/**
 * The command {@code perf}: throughput, CPU time, heap allocation and latencies of publishing or consuming.
 *
 * <p>Starting points: {@link dev.holdfast.cli.perf.PerfCommand} runs it, {@code PublishRun} measures publishing,
 * {@code ConsumeRun} measures consuming.
 */
@NullMarked
package dev.holdfast.cli.perf;

import org.jspecify.annotations.NullMarked;
