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

/** Follows domains to elementary types. */
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
            } else if (!domain.type().isEmpty() && goesRound(domain)) {
                problems.add(domain.line(), "domain " + domain.name() + ": leads back to itself");
            }
        }
    }

    /** The elementary type of a field; unknown is a problem, and any type will do until it is reported. */
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
        Set<String> passed = new HashSet<>();
        String at = name;
        while (WireType.of(at).isEmpty()) {
            DomainSpec domain = byName.get(at);
            if (domain == null || !passed.add(at)) {
                return Optional.empty();
            }
            at = domain.type();
        }
        return WireType.of(at);
    }

    private boolean goesRound(DomainSpec start) {
        Set<String> passed = new HashSet<>();
        DomainSpec at = start;
        while (at != null && WireType.of(at.type()).isEmpty()) {
            if (!passed.add(at.name())) {
                return true;
            }
            at = byName.get(at.type());
        }
        return false;
    }
}
