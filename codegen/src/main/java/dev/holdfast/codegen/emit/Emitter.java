package dev.holdfast.codegen.emit;

import dev.holdfast.codegen.model.Protocol;
import java.util.List;

/** Generates the Java files of one kind from the protocol. */
public interface Emitter {
    List<GeneratedFile> emit(Protocol protocol);
}
