package dev.holdfast.codegen.model;

import dev.holdfast.codegen.spec.DomainSpec;
import dev.holdfast.codegen.spec.FieldSpec;
import dev.holdfast.codegen.spec.Problems;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Resolves domains of the protocol file to elementary types. */
final class Domains {
    private final Map<String, DomainSpec> byName = new HashMap<>();
    private final Problems problems;

    Domains(List<DomainSpec> domains, Problems problems) {
        this.problems = problems;
        domains.forEach(domain -> byName.putIfAbsent(domain.name(), domain));
        for (DomainSpec domain : domains) {
            if (!domain.type().isEmpty()
                    && !byName.containsKey(domain.type())
                    && resolve(domain.type()).isEmpty()) {
                problems.add(
                        domain.line(),
                        "domain " + domain.name() + ": unknown type: " + domain.type() + " (expected: a domain or "
                                + WireType.specNames() + ")");
            } else if (!domain.type().isEmpty() && isCyclic(domain)) {
                problems.add(domain.line(), "domain " + domain.name() + ": refers to itself");
            }
        }
    }

    /** Returns the elementary type of a field. Reports an unknown domain and returns a placeholder type. */
    WireType typeOf(FieldSpec field) {
        String domain = field.domain();
        if (domain.isEmpty()) {
            return WireType.OCTET;
        }
        if (!byName.containsKey(domain) && WireType.of(domain).isEmpty()) {
            problems.add(field.line(), field.name() + ": unknown domain: " + domain);
        }
        return resolve(domain).orElse(WireType.OCTET);
    }

    private Optional<WireType> resolve(String name) {
        Set<String> visited = new HashSet<>();
        String current = name;
        while (WireType.of(current).isEmpty()) {
            DomainSpec domain = byName.get(current);
            if (domain == null || !visited.add(current)) {
                return Optional.empty();
            }
            current = domain.type();
        }
        return WireType.of(current);
    }

    private boolean isCyclic(DomainSpec start) {
        Set<String> visited = new HashSet<>();
        DomainSpec current = start;
        while (current != null && WireType.of(current.type()).isEmpty()) {
            if (!visited.add(current.name())) {
                return true;
            }
            current = byName.get(current.type());
        }
        return false;
    }
}
