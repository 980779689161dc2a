/**
 * Writes Java: one emitter for each kind of file, all over JavaPoet, none of which knows more of the library than the
 * names in {@link dev.holdfast.codegen.model.Library}.
 *
 * <p>Starting points: {@link dev.holdfast.codegen.emit.Emitter}, {@link dev.holdfast.codegen.emit.OutputFolder}.
 */
@NullMarked
package dev.holdfast.codegen.emit;

import org.jspecify.annotations.NullMarked;
