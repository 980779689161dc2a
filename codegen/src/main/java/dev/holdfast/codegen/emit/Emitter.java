package dev.holdfast.codegen.emit;

import dev.holdfast.codegen.model.Protocol;
import java.util.List;

/** Writes one kind of file. */
public interface Emitter {
    List<GeneratedFile> emit(Protocol protocol);
}
