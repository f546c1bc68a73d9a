/** What is said of a project or a number that another connector has. */
import { type Connector, digitsOf, Refusal } from "@baton/domain";
import type { ClaimRefused } from "@baton/store";

/** claimRefusal names the owner of the project; a number's owner may be another client, and is not named. */
export function claimRefusal(refused: ClaimRefused, { pseudoNumbers }: Connector): Refusal {
  switch (refused.kind) {
    case "project-taken":
      return new Refusal(
        "project-taken",
        `this project and environment have connector ${refused.connectorId}; a project has one`,
      );
    case "number-taken": {
      const index = pseudoNumbers.findIndex((number) => digitsOf(number) === refused.number);
      const errors = [{ pointer: `/pseudoNumbers/${index}`, message: "belongs to another connector" }];
      return new Refusal("number-taken", "a pseudo number belongs to one connector; only digits are compared", {
        errors,
      });
    }
  }
}
