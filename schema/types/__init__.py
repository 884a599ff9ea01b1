"""What the outside sees: types only declare, and the read engine answers for every field of an entity."""
