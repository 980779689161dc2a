/**
 * The protocol as the emitters use it: domains resolved to a closed set of wire types, bits grouped into octets, names
 * converted to Java names.
 *
 * <p>Starting points: {@link dev.holdfast.codegen.model.Protocol}, {@link dev.holdfast.codegen.model.WireType}.
 */
@NullMarked
package dev.holdfast.codegen.model;

import org.jspecify.annotations.NullMarked;
