/**
 * The performance that must be reached.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.floor.FloorCatalog} lists the floors; a
 * {@link dev.holdfast.jmh.floor.Floor} measures one row.
 */
@NullMarked
package dev.holdfast.jmh.floor;

import org.jspecify.annotations.NullMarked;
