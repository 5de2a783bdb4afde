package dev.holdfast;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between modules and packages. */
@AnalyzeClasses(packages = "dev.holdfast", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule the_protocol_sees_nobody = classes()
            .that()
            .resideInAPackage("dev.holdfast.protocol..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.holdfast.protocol..", "java..", "com.google.protobuf..", "org.jspecify..");

    @ArchTest
    static final ArchRule the_client_sees_the_protocol_only = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.holdfast.statemachine..",
                    "dev.holdfast.node..",
                    "dev.holdfast.testkit..",
                    "org.apache.ratis..");

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

    /** {@code SnapshotStore} of Ratis and the like: what they are is not known beyond that package. */
    @ArchTest
    static final ArchRule only_the_ratis_package_sees_ratis = noClasses()
            .that()
            .resideOutsideOfPackage("dev.holdfast.node.ratis..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.ratis..");

    @ArchTest
    static final ArchRule what_a_leader_does_knows_neither_ratis_nor_a_port = noClasses()
            .that()
            .resideInAPackage("dev.holdfast.node.leader..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.ratis..", "dev.holdfast.node.ratis..", "dev.holdfast.node.port..", "io.grpc..");

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
    static final ArchRule nothing_of_the_product_sees_the_test_kit = noClasses()
            .that()
            .resideOutsideOfPackage("dev.holdfast.testkit..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.holdfast.testkit..");

    @ArchTest
    static final ArchRule only_the_command_line_sees_picocli = noClasses()
            .that()
            .resideOutsideOfPackage("dev.holdfast.node.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    @ArchTest
    static final ArchRule nobody_depends_on_the_command_line = noClasses()
            .that()
            .resideOutsideOfPackage("dev.holdfast.node.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.holdfast.node.cli..");
}
