// Prints what graphql-http's audit says of the endpoint named as argument: one JSON line for each audit.
import { auditServer } from "graphql-http";

for (const result of await auditServer({ url: process.argv[2], fetchFn: fetch })) {
  console.log(JSON.stringify({ id: result.id, name: result.name, status: result.status, reason: result.reason }));
}
