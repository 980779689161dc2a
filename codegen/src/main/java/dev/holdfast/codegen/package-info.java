/**
 * Generates the protocol classes of Holdfast from the protocol file, at build time.
 *
 * <p>Starting points: {@link dev.holdfast.codegen.Generator}, {@link dev.holdfast.codegen.Main}.
 */
@NullMarked
package dev.holdfast.codegen;

import org.jspecify.annotations.NullMarked;
