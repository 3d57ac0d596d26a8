"""What every test has: the databases, and an environment without our own settings."""

import os

# In the order of their imports: pytest rewrites the assertions of what it imports itself.
pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.databases",
    "tests.fixtures.real_data",
]

# A developer's own workspace must neither steer a test nor be touched by one.
for _name in [name for name in os.environ if name.startswith("CORRIGENDA_")]:
    if _name != "CORRIGENDA_TEST_DATA":  # see `shared_data`
        del os.environ[_name]
