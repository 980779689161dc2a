/**
 * What must be reached, row by row.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.floor.Rows} lists them; a {@link dev.holdfast.jmh.floor.Floor} measures one.
 */
@NullMarked
package dev.holdfast.jmh.floor;

import org.jspecify.annotations.NullMarked;
