package dev.holdfast.codegen.model;

import java.util.ArrayList;
import java.util.List;

/** One read or write of a method's arguments: a single field, or bits packed into an octet. */
public sealed interface WireStep {
    int BITS_IN_OCTET = 8;

    /** Returns the arguments of this step, in the order of the protocol file. */
    List<Argument> arguments();

    /** One argument that is not a bit. */
    record Single(Argument argument) implements WireStep {
        @Override
        public List<Argument> arguments() {
            return List.of(argument);
        }
    }

    /** Up to eight bits in one octet, the first in the lowest bit. */
    record Bits(List<Argument> arguments) implements WireStep {}

    /** Splits arguments into steps. Adjacent bits share an octet; a reserved bit occupies a position as any other. */
    static List<WireStep> of(List<Argument> arguments) {
        List<WireStep> steps = new ArrayList<>();
        List<Argument> bits = new ArrayList<>();
        for (Argument argument : arguments) {
            if (!bits.isEmpty() && (argument.type() != WireType.BIT || bits.size() == BITS_IN_OCTET)) {
                steps.add(new Bits(List.copyOf(bits)));
                bits.clear();
            }
            if (argument.type() == WireType.BIT) {
                bits.add(argument);
            } else {
                steps.add(new Single(argument));
            }
        }
        if (!bits.isEmpty()) {
            steps.add(new Bits(List.copyOf(bits)));
        }
        return List.copyOf(steps);
    }
}
