/**
 * The protocol file as records. Everything wrong with it is collected with its line and told at once, because whoever
 * extends the protocol wants to see all of their slips in one build.
 *
 * <p>Starting points: {@link dev.holdfast.codegen.spec.SpecReader}, {@link dev.holdfast.codegen.spec.Problems}.
 */
@NullMarked
package dev.holdfast.codegen.spec;

import org.jspecify.annotations.NullMarked;
