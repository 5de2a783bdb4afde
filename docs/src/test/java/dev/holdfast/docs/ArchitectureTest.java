package dev.holdfast.docs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.stream.Stream;

/** The arrows between modules and packages, and what their public signatures may show. */
@AnalyzeClasses(
        packages = "dev.holdfast",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {
    private static final String[] MODULES = {
        "protocol",
        "statemachine",
        "certs",
        "client",
        "node",
        "testkit",
        "http",
        "shedlock",
        "integration",
        "spring",
        "spring.boot",
        "server",
        "jepsen",
        "bench"
    };

    /** Some modules lend their test classes to others, as a jar. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    @ArchTest
    static final ArchRule the_protocol_sees_nobody = classes()
            .that()
            .resideInAPackage("dev.holdfast.protocol..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.holdfast.protocol..", "java..", "com.google.protobuf..", "org.jspecify..");

    @ArchTest
    static final ArchRule the_authority_sees_nobody = module("certs").sees("certs");

    @ArchTest
    static final ArchRule the_client_sees_the_protocol_only = module("client").sees("client", "protocol");

    @ArchTest
    static final ArchRule the_node_sees_what_it_replicates_and_the_client =
            module("node").sees("node", "client", "statemachine", "protocol");

    @ArchTest
    static final ArchRule the_test_kit_sees_the_node =
            module("testkit").sees("testkit", "node", "client", "statemachine", "protocol");

    @ArchTest
    static final ArchRule http_sees_the_node = module("http").sees("http", "node", "client", "protocol");

    @ArchTest
    static final ArchRule the_lock_provider_for_shedlock_sees_the_client =
            module("shedlock").sees("shedlock", "client");

    @ArchTest
    static final ArchRule the_lock_registry_for_spring_integration_sees_the_client =
            module("integration").sees("integration", "client");

    @ArchTest
    static final ArchRule spring_sees_the_client = module("spring").sees("spring", "client");

    @ArchTest
    static final ArchRule spring_boot_sees_spring_the_client_the_node_and_for_tests_the_test_kit =
            module("spring.boot").sees("spring.boot", "spring", "client", "node", "testkit");

    @ArchTest
    static final ArchRule only_what_is_for_tests_of_spring_boot_sees_the_test_kit = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.spring.boot..")
            .and()
            .resideOutsideOfPackage("dev.holdfast.spring.boot.test..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.holdfast.testkit..");

    @ArchTest
    static final ArchRule the_server_sees_the_node_its_doors_and_the_authority =
            module("server").sees("server", "http", "node", "client", "protocol", "certs");

    @ArchTest
    static final ArchRule the_client_s_internals_are_its_own = internalsOf("client");

    @ArchTest
    static final ArchRule the_node_s_internals_are_its_own = internalsOf("node");

    @ArchTest
    static final ArchRule http_s_internals_are_its_own = internalsOf("http");

    /** Transports carry the protocol, and both ends of the stream share its frames: those two packages are for peers. */
    @ArchTest
    static final ArchRule what_applications_call_shows_neither_the_protocol_nor_internals = codeUnits()
            .that()
            .areDeclaredInClassesThat()
            .resideInAPackage("dev.holdfast.client..")
            .and()
            .areDeclaredInClassesThat()
            .resideOutsideOfPackages(
                    "dev.holdfast.client.internal..",
                    "dev.holdfast.client.transport..",
                    "dev.holdfast.client.wire..",
                    "dev.holdfast.client.v1..")
            .should(notShow("dev.holdfast.protocol", "dev.holdfast.client.internal", "dev.holdfast.client.v1"));

    @ArchTest
    static final ArchRule what_embedders_call_shows_no_internals = codeUnits()
            .that()
            .areDeclaredInClassesThat()
            .resideInAPackage("dev.holdfast.node")
            .should(notShow("dev.holdfast.node.internal", "dev.holdfast.client.internal", "org.apache.ratis"));

    @ArchTest
    static final ArchRule the_state_machine_sees_the_protocol_and_plain_java_only = classes()
            .that()
            .resideInAPackage("dev.holdfast.statemachine..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.holdfast.statemachine..",
                    "dev.holdfast.protocol..",
                    "java.lang..",
                    "java.util..",
                    "java.io",
                    "java.nio",
                    "java.security",
                    "com.google.protobuf..",
                    "org.jspecify..");

    /** Generated code reads and writes streams. */
    @ArchTest
    static final ArchRule the_state_machine_does_no_io = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.statemachine")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io", "java.nio..", "java.net..");

    @ArchTest
    static final ArchRule the_state_machine_has_no_clock = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.statemachine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.time..")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.Date");

    @ArchTest
    static final ArchRule the_state_machine_has_no_threads_and_no_chance = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.statemachine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..", "org.slf4j..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.util.Random.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.util.UUID.class);

    @ArchTest
    static final ArchRule only_the_adapter_its_metrics_snapshots_and_leadership_see_ratis = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.holdfast.node.internal.ratis..",
                    "dev.holdfast.node.internal.metrics..",
                    "dev.holdfast.node.internal.snapshot..",
                    "dev.holdfast.node.internal.leadership..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.ratis..");

    @ArchTest
    static final ArchRule snapshots_and_leadership_do_not_know_the_adapter = noClasses()
            .that()
            .resideInAnyPackage("dev.holdfast.node.internal.snapshot..", "dev.holdfast.node.internal.leadership..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.holdfast.node.internal.ratis..");

    @ArchTest
    static final ArchRule what_a_leader_does_knows_neither_ratis_nor_a_port = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.node.leader..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.ratis..", "dev.holdfast.node.internal..", "io.grpc..");

    @ArchTest
    static final ArchRule the_leader_s_time_comes_through_timers = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.node.leader..")
            .and()
            // It measures how long an apply takes, and decides nothing by that.
            .doNotHaveSimpleName("Replica")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule nothing_sees_the_tests_and_the_benchmarks = noClasses()
            .that()
            .resideOutsideOfPackages("dev.holdfast.jepsen..", "dev.holdfast.bench..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.holdfast.jepsen..", "dev.holdfast.bench..");

    /** So that an embedder gets none of these. */
    @ArchTest
    static final ArchRule only_executables_see_what_executables_need = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.holdfast.server..", "dev.holdfast.certs..", "dev.holdfast.jepsen..", "dev.holdfast.bench..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.bouncycastle..",
                    "dev.holdfast.certs..",
                    "picocli..",
                    "com.typesafe..",
                    "com.codahale.metrics.jmx..",
                    "org.h2..");

    @ArchTest
    static final ArchRule only_executables_and_http_write_json = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.holdfast.server..", "dev.holdfast.http..", "dev.holdfast.jepsen..", "dev.holdfast.bench..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.google.gson..");

    /** So that an embedder who does not want it gets none of it. */
    @ArchTest
    static final ArchRule only_http_sees_a_server_of_http = noClasses()
            .that()
            .resideOutsideOfPackage("dev.holdfast.http..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.eclipse.jetty..", "io.prometheus..");

    private record Module(String name) {
        ArchRule sees(String... modules) {
            String[] others = Stream.of(MODULES)
                    .filter(each -> !List.of(modules).contains(each))
                    .map(each -> "dev.holdfast." + each + "..")
                    .toArray(String[]::new);
            // The package of one module may lie in that of another.
            String[] nested = Stream.of(MODULES)
                    .filter(each -> each.startsWith(name + "."))
                    .map(each -> "dev.holdfast." + each + "..")
                    .toArray(String[]::new);
            return noClasses()
                    .that()
                    .resideInAPackage("dev.holdfast." + name + "..")
                    .and()
                    .resideOutsideOfPackages(nested)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others);
        }
    }

    private static Module module(String name) {
        return new Module(name);
    }

    private static ArchRule internalsOf(String module) {
        return noClasses()
                .that()
                .resideOutsideOfPackage("dev.holdfast." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.holdfast." + module + ".internal..");
    }

    private static ArchCondition<JavaCodeUnit> notShow(String... hidden) {
        return new ArchCondition<>("not show " + List.of(hidden)) {
            @Override
            public void check(JavaCodeUnit unit, ConditionEvents events) {
                if (!isVisible(unit) || !isVisible(unit.getOwner())) {
                    return;
                }
                Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream())
                        .flatMap(type -> type.getAllInvolvedRawTypes().stream())
                        .filter(type -> Stream.of(hidden).anyMatch(each -> isWithin(type, each)))
                        .forEach(type -> events.add(
                                SimpleConditionEvent.violated(unit, unit.getFullName() + " shows " + type.getName())));
            }
        };
    }

    private static boolean isVisible(JavaCodeUnit unit) {
        return unit.getModifiers().contains(JavaModifier.PUBLIC)
                || unit.getModifiers().contains(JavaModifier.PROTECTED);
    }

    private static boolean isVisible(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isVisible).orElse(true);
    }

    private static boolean isWithin(JavaClass type, String packageName) {
        return type.getPackageName().equals(packageName)
                || type.getPackageName().startsWith(packageName + ".");
    }
}
