/**
 * Reads and checks the protocol file. Errors are collected with their line numbers and reported together, so that one
 * build shows all errors of a change to the file.
 *
 * <p>Starting points: {@link dev.holdfast.codegen.spec.SpecReader}, {@link dev.holdfast.codegen.spec.Problems}.
 */
@NullMarked
package dev.holdfast.codegen.spec;

import org.jspecify.annotations.NullMarked;
